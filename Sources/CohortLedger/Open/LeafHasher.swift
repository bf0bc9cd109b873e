import CohortFormat
import CohortLog
import CohortModel
import CohortThreads

/// Hashes the leaves of a log on a thread of its own while the log is replayed on another: of a
/// start without a snapshot that is a third of the work, and nothing waits for it but its end.
///
/// Frames are copied on their way over, and at most a few of them wait. If the system has no thread
/// to give, they are hashed where they are added.
final class LeafHasher: Sendable {
  private let queue: Monitor<Queue>
  private let thread: Thread?

  private struct Queue: Sendable {
    var frames: [Piece] = []
    var isClosed = false
    var result: Result<MerkleIndex, EventFault>?

    /// Appends a frame to the result, which is there from the first on: there is no other thread.
    mutating func hash(_ piece: Piece) {
      guard case .success(var tree) = result else { return }
      result = nil
      do throws(EventFault) {
        try piece.append(to: &tree)
        result = .success(tree)
      } catch { result = .failure(error) }
    }
  }

  /// A frame from its header to the end of its events.
  private struct Piece: Sendable {
    let frame: FrameExtent
    let bytes: [UInt8]

    func append(to tree: inout MerkleIndex) throws(EventFault) {
      tree.append(contentsOf: try frame.leaves(in: bytes.span))
    }
  }

  /// - Parameter tree: Of all events before the first frame that is added.
  init(_ tree: MerkleIndex) {
    let queue = Monitor(Queue())
    self.queue = queue
    thread = try? Thread("cohort-leaves") {
      let result = Self.hash(queue, into: tree)
      queue.change { $0.result = result }
    }
    if thread == nil { queue.change { $0.result = .success(tree) } }
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
        for piece in next { try piece.append(to: &tree) }
      } catch { return .failure(error) }
    }
  }

  /// Adds the next frame; waits while too many wait already.
  func add(_ frame: FrameExtent, _ bytes: Span<UInt8>) {
    let piece = Piece(
      frame: frame.atStart,
      bytes: bytes.array(frame.start..<frame.events.upperBound))
    guard thread != nil else {
      queue.change { $0.hash(piece) }
      return
    }
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
    thread?.join()
  }
}
