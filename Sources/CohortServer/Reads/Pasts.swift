import CohortFormat
import CohortLedger
import CohortModel
import Synchronization

/// What was computed of the past, kept because it never changes: who was in what at a position,
/// and what is known of the position itself.
///
/// Bounded in bytes; what was used least recently goes first. Holds numbers of users only, no text
/// of anybody.
package final class Pasts: Sendable {
  /// Which set of users, and as of when.
  struct Subject: Hashable, Sendable {
    enum What: Hashable, Sendable {
      case cohort(CohortID)
      /// By the definitions of a later position, or, if `nil`, by those of then.
      case segment(SegmentID, definitions: Position?, Instant)
      case send(SendID, Instant)
      /// Who came into a cohort since an earlier position, or who went.
      case difference(CohortID, from: Position, Direction)
    }
    let what: What
    /// What is seen.
    let position: Position
    /// With the identities of this later position; `nil` for those of then.
    let identities: Position?
  }

  /// Some users, and those who would be listed had they not been deleted since.
  struct Users: Sendable {
    let users: LiveUsers
    let gone: LiveUsers
  }

  /// What is known of a position.
  struct Facts: Sendable {
    let time: Instant
    let cutsRequest: Bool
    let epoch: Epoch?
  }

  private struct State {
    var users: [Subject: (found: Users, bytes: Int, used: UInt64)] = [:]
    var bytes = 0
    var uses: UInt64 = 0
  }

  private let state = Mutex(State())
  private let frames = Mutex(KnownFrames())
  private let bytesMax: Int

  /// - Parameter bytesMax: Of all sets together.
  package init(bytesMax: Int = 64 << 20) { self.bytesMax = bytesMax }

  /// The users of a subject, found by `find` if they are not known yet.
  ///
  /// Two who ask at once may both look.
  func users(_ subject: Subject, orFind find: () throws -> Users) rethrows -> Users {
    if let known = known(subject) { return known }
    let found = try find()
    keep(found, subject)
    return found
  }

  private func known(_ subject: Subject) -> Users? {
    state.withLock { state in
      guard let index = state.users.index(forKey: subject) else { return nil }
      state.uses += 1
      state.users.values[index].used = state.uses
      return state.users.values[index].found
    }
  }

  private func keep(_ found: Users, _ subject: Subject) {
    let bytes = found.users.byteCount + found.gone.byteCount + 256
    guard bytes <= bytesMax / 2 else { return }
    state.withLock { state in
      state.uses += 1
      if let old = state.users.updateValue((found, bytes, state.uses), forKey: subject) {
        state.bytes -= old.bytes
      }
      state.bytes += bytes
      while state.bytes > bytesMax,
        let oldest = state.users.min(by: { $0.value.used < $1.value.used })
      {
        state.users[oldest.key] = nil
        state.bytes -= oldest.value.bytes
      }
    }
  }

  /// How many bytes are kept; for tests and metrics.
  package var byteCount: Int { state.withLock { $0.bytes } }

  /// What is known of a position.
  ///
  /// - Returns: `nil` if nobody has asked about its frame lately.
  /// - Complexity: O(log frames).
  func facts(of position: Position) -> Facts? { frames.withLock { $0.facts(of: position) } }

  /// Finds out about a position that has been reached.
  ///
  /// - Complexity: One read of its frame.
  func findFacts(of position: Position, in view: View) throws(LedgerError) -> Facts {
    let found = try view.frameFacts(at: position)
    frames.withLock { $0.keep(found) }
    return Facts(found, position)
  }
}

extension Pasts.Facts {
  fileprivate init(_ frame: FrameFacts, _ position: Position) {
    self.init(
      time: frame.time, cutsRequest: frame.cutsRequest(at: position), epoch: frame.epoch)
  }
}

/// What is known of frames, in their order.
///
/// Invariant: the frame at an index begins at the position at the same index of `starts`, which
/// ascend. A question goes through these alone.
private struct KnownFrames {
  private var starts: [Position] = []
  private var frames: [FrameFacts] = []
  private var bytes = 0

  func facts(of position: Position) -> Pasts.Facts? {
    let index = count(through: position) - 1
    guard index >= 0, frames[index].positions.contains(position) else { return nil }
    return Pasts.Facts(frames[index], position)
  }

  mutating func keep(_ frame: FrameFacts) {
    // A megabyte or two; to begin again costs a read for each.
    if frames.count >= 8_192 || bytes > 1 << 20 { self = KnownFrames() }
    let index = count(through: frame.positions.lowerBound)
    guard index == 0 || frames[index - 1].positions != frame.positions else { return }
    starts.insert(frame.positions.lowerBound, at: index)
    frames.insert(frame, at: index)
    bytes += frame.byteCount
  }

  /// How many begin at or before a position.
  private func count(through position: Position) -> Int {
    let starts = starts.span
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= position { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
