import CohortFormat
import CohortLog
import CohortModel
import CohortThreads

/// Hashes the leaves of a log on a thread of its own while the log is replayed on another: of a
/// start without a snapshot that is a third of the work, and nothing waits for it but its end.
///
/// Frames are copied on their way over, and at most a few of them wait.
final class LeafHasher: Sendable {
  private let queue: Monitor<Queue>
  private let thread: Thread

  private struct Queue: Sendable {
    var frames: [Piece] = []
    var isClosed = false
    var result: Result<MerkleIndex, EventFault>?
  }

  /// A frame from its header to the end of its events.
  private struct Piece: Sendable {
    let frame: FrameExtent
    let bytes: [UInt8]
  }

  /// - Parameter tree: Of all events before the first frame that is added.
  init(_ tree: MerkleIndex) {
    let queue = Monitor(Queue())
    self.queue = queue
    thread = Thread("cohort-leaves") {
      let result = Self.hash(queue, into: tree)
      queue.change { $0.result = result }
    }
  }

  private static func hash(
    _ queue: Monitor<Queue>, into tree: MerkleIndex
  ) -> Result<MerkleIndex, EventFault> {
    var tree = tree
    while true {
      let next = queue.wait { queue -> [Piece]? in
        if queue.frames.isEmpty { return queue.isClosed ? [] : nil }
        defer { queue.frames = [] }
        return queue.frames
      }
      guard let next, !next.isEmpty else { return .success(tree) }
      do throws(EventFault) {
        for piece in next {
          tree.append(contentsOf: try piece.frame.leaves(in: piece.bytes.span))
        }
      } catch { return .failure(error) }
    }
  }

  /// Adds the next frame; waits while too many wait already.
  func add(_ frame: FrameExtent, _ bytes: Span<UInt8>) {
    let piece = Piece(
      frame: frame.atStart,
      bytes: bytes.array(frame.start..<frame.events.upperBound))
    _ = queue.wait { queue -> Bool? in
      guard queue.frames.count < Self.waitingMax || queue.result != nil else { return nil }
      if queue.result == nil { queue.frames.append(piece) }
      return true
    }
  }

  private static var waitingMax: Int { 8 }

  /// Waits for the last frame.
  ///
  /// - Throws: What cannot be read of an event.
  func finish() throws(EventFault) -> MerkleIndex {
    queue.change { $0.isClosed = true }
    guard let result = queue.wait(for: { $0.result }) else {
      preconditionFailure("The thread that hashes ends with a result.")
    }
    return try result.get()
  }

  deinit {
    queue.change { $0.isClosed = true }
    thread.join()
  }
}
