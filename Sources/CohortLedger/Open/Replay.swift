import CohortFormat
import CohortLog
import CohortModel

/// Moves a state forward by the frames of a log, as a start and an audit read them.
///
/// Membership changes are most of a log, and are folded cohort after cohort at the end; everything
/// else is applied as it comes. Invariant: `core` without its memberships stands behind the last
/// frame taken.
struct Replay: ~Copyable {
  private var core: Core
  private var rebuild: HistoryRebuild
  private let ledger: LedgerID
  /// `nil` before the first frame.
  private var hasher: LeafHasher?

  init(_ core: Core, _ tiles: TileStore, of ledger: LedgerID) {
    self.core = core
    self.ledger = ledger
    rebuild = HistoryRebuild(core.history, core.state.memberships, tiles)
  }

  /// - Throws: ``LogError/event(_:)`` for an event that this release cannot read.
  mutating func take(_ frame: FrameExtent, _ bytes: Span<UInt8>) throws(LogError) {
    if frame.header.kind == .seal { return }
    do throws(EventFault) {
      let hasher = hasher ?? LeafHasher(core.tree)
      self.hasher = hasher
      hasher.add(frame, bytes)
      core.epoch = frame.header.epoch
      var decoder = EventDecoder(frame, ledger: ledger)
      while true {
        switch try decoder.step(in: bytes) {
        case .end: return
        case .members(let head, let members, let requestEnd):
          core.state.applyMembersChanged(
            members.cohort, at: head.position, frame.header.time)
          rebuild.take(members, in: bytes, at: head.position, frame.header.time)
          if head.position == requestEnd { core.state.endRequest(by: head.key, receipt: nil) }
        case .user(let head, let user, let requestEnd):
          core.state.applyUserCreated(
            externalID: user.text, in: bytes, at: head.position, frame.header.time)
          if head.position == requestEnd { core.state.endRequest(by: head.key, receipt: nil) }
        case .event(let decoded): take(decoded.recorded)
        }
      }
    } catch { throw .event(error) }
  }

  private mutating func take(_ recorded: Recorded) {
    core.state.applyButMemberships(
      recorded.event, at: recorded.position, recorded.time, by: recorded.key)
    rebuild.take(recorded.event, at: recorded.position, recorded.time)
    core.note(recorded)
    if recorded.request == recorded.position {
      core.state.endRequest(by: recorded.key, receipt: recorded.receipt)
    }
  }

  consuming func finish() throws(LogError) -> Core {
    if let hasher {
      do { core.tree = try hasher.finish() } catch { throw .event(error) }
    }
    let (history, memberships) = rebuild.finish()
    core.history = history
    // A cohort that was only ever named has no changes to rebuild, and still has a set.
    for number in core.state.memberships.cohortCount..<core.state.cohorts.count {
      core.state.setMembers(of: CohortID(UInt32(number + 1)), to: LiveUsers())
    }
    for (cohort, users) in memberships { core.state.setMembers(of: cohort, to: users) }
    return core
  }
}
