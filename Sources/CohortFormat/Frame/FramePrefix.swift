package import CohortModel

extension FrameExtent {
  /// The frame that would have been written if the log had ended with the event at `position`.
  ///
  /// For a restore that cuts through a frame: the events keep their bytes and leaves, the texts
  /// their nonces, and erased ones stay erased. The last request may be cut through too; then none
  /// of its events has the flag that ends it, and the frame ends it.
  ///
  /// - Parameters:
  ///   - position: Of the last event to keep, one of the frame.
  ///   - bytes: Those that the frame was read from.
  ///   - tree: The right edge of the tree in front of the frame.
  ///   - ledger: That of the log.
  /// - Returns: The shorter frame, for the same offset.
  /// - Throws: What cannot be read in front of the cut.
  package func prefix(
    through position: Position, in bytes: Span<UInt8>, tree: MerkleFrontier, ledger: LedgerID
  ) throws(EventFault) -> EncodedFrame {
    precondition(
      header.firstPosition <= position && position <= header.lastPosition,
      "the frame has no such event")
    precondition(tree.root == header.rootBefore, "the tree is that in front of the frame")
    var decoder = EventDecoder(self, ledger: ledger)
    let count = Int(position.rawValue - header.firstPosition.rawValue) + 1
    for _ in 0..<count { _ = try decoder.next(in: bytes) }

    var cut = header
    cut.eventCount = count
    cut.publicLength = decoder.eventOffset - events.lowerBound
    cut.privateLength = decoder.privateOffset - privateArea.lowerBound
    var encoded = bytes.array(start..<decoder.eventOffset)
    let leaves = try FrameExtent(header: cut, start: start).leaves(in: bytes)
    var tree = tree
    let growth = tree.grow(by: leaves)
    encoded.close(cut, root: tree.root, ledger: ledger.checksum)
    encoded.append(bytes.extracting(privateArea.lowerBound..<decoder.privateOffset))
    return EncodedFrame(
      header: cut, bytes: encoded, root: tree.root, growth: growth, leaves: leaves)
  }
}
