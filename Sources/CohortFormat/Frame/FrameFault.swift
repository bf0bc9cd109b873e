package import CohortModel

/// Why the bytes at an offset of the log are not the frame that must stand there.
///
/// `at` is always an offset in the file, that of the frame unless said otherwise.
package enum FrameFault: Error, Hashable, Sendable {
  /// The frame, or its header, needs `size` bytes, and there are only so many.
  case cutShort(at: UInt64, size: Int, available: Int)
  /// A byte that must be zero is not; `at` is its own offset.
  case notZero(at: UInt64)
  case notAFrame(at: UInt64)
  /// A rotten header, or one of another ledger.
  case headerChecksum(at: UInt64, stored: UInt32, computed: UInt32)
  case frameChecksum(at: UInt64, stored: UInt32, computed: UInt32)
  /// A whole header that was written for another offset.
  case misplaced(at: UInt64, stored: UInt64)
  case kind(at: UInt64, UInt32)
  case lengths(at: UInt64, public: Int, private: Int)
  case eventCount(at: UInt64, Int)
  case firstPosition(at: UInt64, UInt64)
  case treeSize(at: UInt64, stored: UInt64, computed: UInt64)
  /// Seals begin at multiples of 4,096, other frames at multiples of 512.
  case alignment(at: UInt64, to: UInt64)
  /// Before 1970, or so late that no time could come behind it.
  case impossibleTime(at: UInt64, Instant)
  case generation(at: UInt64, UInt32)

  /// The frame is whole, but does not follow the one before it: ``FrameChain``.
  case gap(at: UInt64, expected: UInt64)
  case position(at: UInt64, Position, expected: Position)
  case time(at: UInt64, Instant, after: Instant)
  case epoch(at: UInt64, Epoch, after: Epoch)
  /// Its root before is not the root of the frame before it, or, in a seal, its root is another.
  case root(at: UInt64)
  /// The events do not give the root that the frame names.
  case leaves(at: UInt64)

  package var offset: UInt64 {
    switch self {
    case .cutShort(let at, _, _), .notZero(let at), .notAFrame(let at),
      .headerChecksum(let at, _, _), .frameChecksum(let at, _, _), .misplaced(let at, _),
      .kind(let at, _), .lengths(let at, _, _), .eventCount(let at, _), .firstPosition(let at, _),
      .treeSize(let at, _, _), .alignment(let at, _), .impossibleTime(let at, _),
      .generation(let at, _), .gap(let at, _), .position(let at, _, _),
      .time(let at, _, _), .epoch(let at, _, _), .root(let at), .leaves(let at):
      at
    }
  }
}

extension FrameFault: CustomStringConvertible {
  /// What is so.
  ///
  /// What to do about it depends on whether this is a torn tail: the log says that.
  package var description: String {
    "At byte \(offset) of the log, \(finding)."
  }

  private var finding: String {
    switch self {
    case .cutShort(_, let size, let available):
      "a frame of \(size) bytes begins, but only \(available) bytes are left"
    case .notZero:
      "there is something where zeros must be"
    case .notAFrame:
      "no frame begins"
    case .headerChecksum(_, let stored, let computed):
      "the header of a frame has the checksum \(hex(stored)), but its bytes give \(hex(computed))"
    case .frameChecksum(_, let stored, let computed):
      "a frame has the checksum \(hex(stored)), but its bytes give \(hex(computed))"
    case .misplaced(_, let stored):
      "a frame begins that was written for byte \(stored)"
    case .kind(_, let kind):
      "a frame has the unknown kind \(kind)"
    case .lengths(_, let publicLength, let privateLength):
      "a frame has the impossible lengths \(publicLength) and \(privateLength)"
    case .eventCount(_, let count):
      "a frame has the impossible number of \(count) events"
    case .firstPosition(_, let position):
      "a frame begins with the impossible position \(position)"
    case .treeSize(_, let stored, let computed):
      "a frame names a tree of \(stored) leaves, but ends at position \(computed)"
    case .alignment(_, let alignment):
      "a frame begins that must begin at a multiple of \(alignment)"
    case .impossibleTime(_, let time):
      "a frame has the impossible time \(time.microseconds) µs"
    case .generation(_, let generation):
      "a frame has the impossible generation \(generation)"
    case .gap(_, let expected):
      "a frame begins that must begin at byte \(expected)"
    case .position(_, let position, let expected):
      "a frame begins with position \(position), but \(expected) is next"
    case .time(_, let time, let last):
      "a frame has the time \(time.microseconds) µs, not after \(last.microseconds) µs"
    case .epoch(_, let epoch, let last):
      "a frame of epoch \(epoch) follows one of epoch \(last)"
    case .root:
      "a frame does not continue the tree of the frame before it"
    case .leaves:
      "the events of a frame do not give the root that it names"
    }
  }

  private func hex(_ checksum: UInt32) -> String { hexadecimal(UInt64(checksum), 8) }
}
