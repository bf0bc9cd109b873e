package import CohortModel

/// What the next frame of a log must continue.
///
/// Single frames are checked by ``FrameScan``; this checks that they are a log. A frame that is
/// older, of another writer, moved, or missing breaks the chain.
///
/// - Positions are dense, time strictly increases, generations never decrease, and one generation
///   has one epoch.
/// - A frame of events begins at ``next`` behind the last frame; a seal at the next multiple of
///   4,096.
/// - The root before is the root of the last frame.
package struct FrameChain: Hashable, Sendable {
  /// Where the last frame ended in the file.
  package private(set) var end: UInt64
  /// Of the last event.
  package private(set) var position: Position
  package private(set) var root: Digest
  /// Of the last frame; `nil` before the first.
  package private(set) var last: FrameHeader?

  /// Before the first frame.
  package init() {
    end = UInt64(FileHeader.size)
    position = .origin
    root = MerkleHash.emptyRoot
  }

  /// Behind a frame that is known to be good, such as the one that a snapshot names.
  package init(after header: FrameHeader, root: Digest) {
    self.end = header.fileEnd
    self.position = header.lastPosition
    self.root = root
    self.last = header
  }

  /// Where the next frame of events begins: see ``FrameHeader/nextOffset``.
  package var next: UInt64 { last?.nextOffset ?? end }

  /// Where the next seal begins; not before ``next``.
  package var sealOffset: UInt64 {
    (end + FrameHeader.pageSize - 1) & ~(FrameHeader.pageSize - 1)
  }

  /// Whether the last frame was a seal.
  package var isSealed: Bool { last?.kind == .seal }

  /// Moves behind `frame`, which ``FrameScan`` has read from `bytes`.
  ///
  /// - Throws: What does not fit; then nothing has changed.
  package mutating func accept(
    _ frame: FrameExtent, in bytes: Span<UInt8>
  ) throws(FrameFault) {
    try accept(frame.header, root: frame.root(in: bytes))
  }

  package mutating func accept(_ header: FrameHeader, root: Digest) throws(FrameFault) {
    let at = header.fileOffset
    let expected = header.kind == .seal ? sealOffset : next
    guard at == expected else { throw .gap(at: at, expected: expected) }
    let following = position.advanced(by: 1)
    guard header.firstPosition == following else {
      throw .position(at: at, header.firstPosition, expected: following)
    }
    if let last {
      guard header.time > last.time else {
        throw .time(at: at, header.time, after: last.time)
      }
      let isLater = header.epoch.generation > last.epoch.generation
      guard isLater || header.epoch == last.epoch else {
        throw .epoch(at: at, header.epoch, after: last.epoch)
      }
    }
    guard header.rootBefore == self.root else { throw .root(at: at) }
    self = FrameChain(after: header, root: root)
  }
}
