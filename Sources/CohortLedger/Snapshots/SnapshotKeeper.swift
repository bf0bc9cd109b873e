import CohortFormat
import CohortLog
import CohortModel
import CohortThreads
import Synchronization

/// The thread that keeps the caches: it moves finished tiles out of memory, and writes a snapshot
/// whenever the log has grown enough, both from durable state.
///
/// If it fails, the ledger goes on: a restart then reads more of the log.
final class SnapshotKeeper: Sendable {
  private let log: Log
  private let tiles: TileStore
  private let every: UInt64
  private let state: Monitor<State>

  private struct State: Sendable {
    /// Where the log ended at the last snapshot, or the last try.
    var end: UInt64
    /// Where the log ended at the last snapshot that there is.
    var taken: UInt64
    var isStopped = false
    var hasEnded = false
    /// Somebody waits for a snapshot now.
    var wanted = 0
    var done = 0
    var failures = 0
  }

  /// - `isStopped`: Whether it will never run.
  init(_ log: Log, _ tiles: TileStore, every: UInt64, from end: UInt64, isStopped: Bool) {
    self.log = log
    self.tiles = tiles
    self.every = every
    state = Monitor(State(end: end, taken: end, isStopped: isStopped))
  }

  /// Bytes of the log behind the last snapshot: what the next start reads.
  var lag: UInt64 {
    let taken = state.look { $0.taken }
    return max(log.chain.end, taken) - taken
  }

  func run(_ durable: () -> Core) {
    while true {
      let wanted = state.wait(milliseconds: 500) { state -> Int?? in
        if state.isStopped { return .some(nil) }
        return state.wanted > state.done ? .some(state.wanted) : nil
      }
      if case .some(nil) = wanted {
        state.change { $0.hasEnded = true }
        return
      }
      let end = log.chain.end
      let last = state.look { $0.end }
      guard case .some(.some) = wanted else {
        if end >= last + every { _ = write(durable) }
        continue
      }
      let isWritten = write(durable)
      state.change { state in
        state.done = wanted.flatMap { $0 } ?? state.done
        if !isWritten { state.failures += 1 }
      }
    }
  }

  /// Takes a snapshot now, and waits for it.
  ///
  /// - Parameter milliseconds: How long to wait at most.
  /// - Returns: Whether there is a new one.
  @discardableResult
  func takeNow(within milliseconds: Int? = nil) -> Bool {
    let (ticket, failures) = state.change { state in
      state.wanted += 1
      return (state.wanted, state.failures)
    }
    return state.wait(milliseconds: milliseconds) { state -> Bool? in
      if state.done >= ticket { return state.failures == failures }
      return state.isStopped ? false : nil
    } ?? false
  }

  /// Ends the thread, with a last snapshot if the next start would else read much of the log.
  ///
  /// - Returns: Whether it has ended; not if the disk has not answered for so long.
  func finish(within milliseconds: Int) -> Bool {
    if log.chain.end > state.look({ $0.end }) + Self.worthwhile {
      takeNow(within: milliseconds)
    }
    stop()
    return state.wait(milliseconds: milliseconds) { $0.hasEnded ? true : nil } ?? false
  }

  /// Ends the thread as soon as it has nothing to do.
  func stop() { state.change { $0.isStopped = true } }

  /// Below this, in bytes, reading the log costs less than a snapshot.
  private static var worthwhile: UInt64 { 4 << 20 }

  private func write(_ durable: () -> Core) -> Bool {
    let end = log.chain.end
    state.change { $0.end = end }
    let core = durable()
    core.history.spill(to: tiles)
    guard let anchor = log.reader.anchor(behind: core.state.position) else { return false }
    do {
      try log.snapshots.write(core, behind: anchor, log.reader.index)
      state.change { $0.taken = end }
      return true
    } catch { return false }
  }
}

extension LogReader {
  /// The frame of events that ends at `position`; `nil` if there is none.
  func anchor(behind position: Position) -> LogAnchor? {
    guard position > .origin, let frame = try? frame(containing: position),
      frame.header.lastPosition == position
    else { return nil }
    return LogAnchor(
      offset: frame.header.fileOffset, epoch: frame.header.epoch, size: position.rawValue,
      root: frame.extent.root(in: frame.bytes.span))
  }
}
