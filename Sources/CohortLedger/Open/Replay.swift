import CohortFormat
import CohortLog
import CohortModel

/// Moves a state forward by the frames of a log, as a start and an audit read them.
///
/// Membership changes are most of a log, and are folded cohort after cohort at the end; everything
/// else is applied as it comes. Invariant: `core` without its memberships stands behind the last
/// frame taken.
///
/// `apply` relies on what `decide` has found, so each event is judged before it is applied: a log
/// whose checksums are right can still say what cannot have happened.
struct Replay: ~Copyable {
  private var core: Core
  private var rebuild: HistoryRebuild
  private let ledger: LedgerID
  private(set) var unread = UnreadTexts()
  /// `nil` before the first frame.
  private var hasher: LeafHasher?

  init(_ core: Core, _ tiles: TileStore, of ledger: LedgerID) {
    self.core = core
    self.ledger = ledger
    rebuild = HistoryRebuild(
      core.history, core.state.memberships, tiles, ended: EndedUsers(core.state.directory))
  }

  /// - Throws: ``LogError/event(_:)`` for an event that this release cannot read,
  ///   ``LogError/impossible(_:at:)`` for one that cannot have happened.
  mutating func take(_ frame: FrameExtent, _ bytes: Span<UInt8>) throws(LogError) {
    if frame.header.kind == .seal { return }
    let hasher = hasher ?? LeafHasher(core.tree)
    self.hasher = hasher
    hasher.add(frame, bytes)
    core.epoch = frame.header.epoch
    var decoder = EventDecoder(frame, ledger: ledger)
    while true {
      let step: EventDecoder.Step
      do { step = try decoder.step(in: bytes) } catch { throw .event(error) }
      switch step {
      case .end: return
      case .members(let head, let members, let requestEnd):
        try judge(head, objection(to: members, in: bytes))
        core.state.applyMembersChanged(
          members.cohort, at: head.position, frame.header.time)
        rebuild.take(members, in: bytes, at: head.position, frame.header.time)
        if head.position == requestEnd { core.state.endRequest(by: head.key) }
      case .user(let head, let user, let requestEnd):
        try judge(head, objection(to: user))
        if user.state != .intact { unread.take(user.state, at: head.position) }
        core.state.applyUserCreated(
          externalID: user.text, in: bytes, at: head.position, frame.header.time)
        if head.position == requestEnd { core.state.endRequest(by: head.key) }
      case .event(let decoded):
        let recorded = decoded.recorded
        if let objection = core.state.objectionButMemberships(to: recorded) {
          throw .impossible(objection, at: recorded.position)
        }
        unread.take(decoded)
        take(recorded)
      }
    }
  }

  @inline(__always)
  private func judge(_ head: EventHead, _ objection: String?) throws(LogError) {
    if let objection { throw .impossible(objection, at: head.position) }
    guard head.key.rawValue == 0 || core.state.keys.contains(head.key) else {
      throw .impossible("\(head.key) does not exist", at: head.position)
    }
  }

  /// Of a change that is folded where it lies; the body of its set is looked at when it is folded.
  @inline(__always)
  private func objection(to members: MembersExtent, in bytes: Span<UInt8>) -> String? {
    let bounds: ClosedRange<UInt32>?
    do {
      bounds = try PackedUsers.bounds(bytes, filling: members.users)
    } catch { return HistoryRebuild.noSet }
    return core.state.objection(toChangeOf: members.cohort, bounds)
  }

  @inline(__always)
  private func objection(to created: UserExtent) -> String? {
    Int(created.user.rawValue) == core.state.directory.userCount + 1
      ? nil : "\(created.user) is not the next user"
  }

  private mutating func take(_ recorded: Recorded) {
    core.state.applyButMemberships(
      recorded.event, at: recorded.position, recorded.time, by: recorded.key)
    rebuild.take(recorded.event, at: recorded.position, recorded.time)
    core.note(recorded)
    if recorded.request == recorded.position {
      core.state.endRequest(by: recorded.key, with: recorded.event, recorded.receipt)
    }
  }

  /// Ends the replay of a log whose last frame names `root`.
  ///
  /// - Throws: ``LogError/impossible(_:at:)``, ``LogError/otherTree(_:)``.
  consuming func finish(_ root: Digest) throws(LogError) -> Core {
    if let hasher {
      do { core.tree = try hasher.finish() } catch { throw .event(error) }
    }
    guard core.tree.root == root else { throw .otherTree(core.state.position) }
    let (history, memberships) = try rebuild.finish()
    core.history = history
    // A cohort that was only ever named has no changes to rebuild, and still has a set.
    for number in core.state.memberships.cohortCount..<core.state.cohorts.count {
      core.state.setMembers(of: CohortID(UInt32(number + 1)), to: LiveUsers())
    }
    for (cohort, users) in memberships { core.state.setMembers(of: cohort, to: users) }
    return core
  }
}
