package import CohortModel

/// What all leaves of one frame share with no other frame's: position and time come first.
///
///     leaf = SHA-256( 0x00 ‖ position u64 ‖ time i64 ‖ event bytes )
///
/// Nothing in it says in which frame, with what neighbours or where in the file an event lies, so
/// events can be put into other frames without changing a root.
enum EventLeaf {
  @inline(__always)
  static func hash(_ position: Position, _ time: Instant, _ event: Span<UInt8>) -> Digest {
    let (position, time) = (position.rawValue, UInt64(bitPattern: time.microseconds))
    let prefix = InlineArray<16, UInt8> { index in
      let word = index < 8 ? position : time
      return UInt8(truncatingIfNeeded: word >> UInt64(8 * (index & 7)))
    }
    return MerkleHash.leaf(prefix.span, event)
  }
}

extension FrameExtent {
  /// The leaf hash of every event.
  ///
  /// - Complexity: O(n), about 0.6 ns a byte of events. Does not look into payloads.
  package func leaves(in bytes: Span<UInt8>) throws(EventFault) -> [Digest] {
    var leaves: [Digest] = []
    var walk = EventWalk(self)
    while let head = try walk.next(in: bytes) {
      leaves.append(
        EventLeaf.hash(head.position, header.time, bytes.extracting(head.bytes)))
    }
    return leaves
  }
}
