package import CohortFormat
package import CohortModel

/// A frame as somebody outside the log remembers it: a snapshot, a backup, a checkpoint.
///
/// It *stands in* a log if at its offset there is a whole frame with its epoch, size and root. Then
/// everything up to that frame is what was remembered, for the root covers every event before it.
package struct LogAnchor: Hashable, Sendable {
  /// Where the frame begins, in bytes from the start of the log.
  package let offset: UInt64
  package let epoch: Epoch
  /// The number of events up to the end of the frame: the position of the last one.
  package let size: UInt64
  /// Of the tree of these events.
  package let root: Digest

  package init(offset: UInt64, epoch: Epoch, size: UInt64, root: Digest) {
    self.offset = offset
    self.epoch = epoch
    self.size = size
    self.root = root
  }

  /// The last frame of `chain`; `nil` if there is none yet.
  package init?(_ chain: FrameChain) {
    guard let last = chain.last else { return nil }
    self.init(
      offset: last.fileOffset, epoch: last.epoch, size: chain.position.rawValue, root: chain.root)
  }

  package var position: Position { Position(size) }

  /// Whether this is the frame at the end of `chain`.
  func names(_ chain: FrameChain) -> Bool { LogAnchor(chain) == self }
}
