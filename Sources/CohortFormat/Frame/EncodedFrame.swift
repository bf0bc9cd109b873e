package import CohortModel

/// A frame that is ready to be written.
package struct EncodedFrame: Hashable, Sendable {
  package let header: FrameHeader
  /// Everything, from the magic to the end of the private area: to be written at
  /// `header.fileOffset`.
  package let bytes: [UInt8]
  /// Of the tree behind this frame.
  package let root: Digest
  /// What its events have done to the tree.
  package let growth: MerkleGrowth
  /// The leaf hashes of its events.
  package let leaves: [Digest]

  /// Where to write.
  package var fileOffset: UInt64 { header.fileOffset }

  /// Where it ends in the file.
  package var fileEnd: UInt64 { header.fileEnd }
}

/// An event does not fit into the open frame any more.
package struct FrameFull: Error, Hashable, Sendable {
  /// What the frame would have taken, in bytes.
  package let size: Int
}

extension FrameFull: CustomStringConvertible {
  package var description: String {
    "The request would make a frame of \(size) bytes, and \(FrameHeader.frameSizeMax) are the "
      + "most. Send it in smaller parts."
  }
}

extension [UInt8] {
  /// Fills in the header in front of the events, and adds zeros and the trailer behind them.
  mutating func close(_ header: FrameHeader, root: Digest, ledger: CRC32C) {
    replace(at: 0, with: header.bytes(ledger: ledger))
    pad(to: 8)
    append(littleEndian: header.treeSize)
    append(root)
    append(littleEndian: FrameHeader.frameChecksum(span, from: 0, to: count, ledger: ledger))
    append(littleEndian: UInt32(0))
  }
}
