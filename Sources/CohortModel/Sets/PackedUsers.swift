/// A set of user numbers in exactly the bytes that it has in the log.
///
/// Equal sets have equal bytes: the encoder takes the smallest of the encodings, and of equally
/// small ones the first in the list below; the reader accepts nothing else. All integers are
/// little-endian, `varint` is LEB128 in its shortest form, bit 0 of a byte is its lowest.
///
///     ┌──────────────────────┬──────────────┬──────────────┬──────────────────────┐
///     │ varint               │ varint       │ varint       │                      │
///     │ count × 4 + kind     │ first        │ slack        │ body                 │
///     └──────────────────────┴──────────────┴──────────────┴──────────────────────┘
///                            absent in the  only in kinds 1, 2 and 3
///                            empty set
///
/// `slack` is how many numbers between the first and the last are missing, so that
/// last = first + count − 1 + slack. The body speaks only of the numbers strictly between first
/// and last, there called 0 to universe − 1, with universe = count − 2 + slack. Of them
/// inner = count − 2 are members.
///
///     kind 0, interval     slack is 0 and not written; no body. The empty set is the one byte 00.
///     kind 1, Elias-Fano   ┌─────────────────────────┬──────────────────────────────────┐
///                          │ low bits                │ high bits                        │
///                          └─────────────────────────┴──────────────────────────────────┘
///                          width = ⌊log2(universe ÷ inner)⌋. The lowest `width` bits of each
///                          number stand one after another. Its remaining bits, h, of the i-th
///                          number (from 0) are bit h + i of the high bits, of which there are
///                          inner + ((universe − 1) >> width). Each part is filled up with zero
///                          bits to whole bytes. Without inner numbers both parts are empty.
///     kind 2, bitmap       one bit for each number of the universe, filled up to whole bytes
///     kind 3, runs         ┌────────────────┬───────────────────────────────────────────┐
///                          │ varint length  │ for each run of members but the last      │
///                          └────────────────┴───────────────────────────────────────────┘
///                          varint (gap − 1) × 2 + long, and if long, varint run − 2; gap is how
///                          many are missing after the run, and long says that it has more than
///                          one member. Here the first run begins with `first`, and the last one
///                          takes what is left of count and slack.
///
/// Users 3, 4 and 100 are `0D 03 5F 00 01`: 3 × 4 + kind 1, first 3, slack 95; in the universe
/// of 96 the one inner number is 0 (user 4): width 6, low bits 000000, high bits 1 and 0.
public struct PackedUsers: Hashable, Sendable {
  package let bytes: [UInt8]

  /// Takes bytes that the encoder made or the reader accepted.
  init(accepted bytes: [UInt8]) { self.bytes = bytes }

  /// Makes the empty set.
  public init() { bytes = emptyBytes }

  /// Packs `users`, which must be strictly increasing.
  ///
  /// - Complexity: O(count), about 3 ns a user.
  public init(sorted users: Span<UInt32>) {
    self.init(accepted: PackedUsers.encode(users))
  }

  public var count: Int { PackedUsers.count(in: bytes.span, at: 0) }

  public var isEmpty: Bool { bytes.count == 1 }

  /// The least and the greatest user; nil if there is none.
  var bounds: ClosedRange<UInt32>? { PackedUsers.bounds(in: bytes.span, at: 0) }

  /// Whether `user` is in the set, found without decoding the others.
  ///
  /// - Complexity: O(1) for bitmaps and intervals. Elias-Fano counts bits up to the place, 64 at
  ///   a time: about 80 ns in a set of 1,000. Runs are walked through.
  public func contains(_ user: UInt32) -> Bool {
    PackedUsers.contains(user, in: bytes.span, at: 0)
  }

  /// Calls `body` with each user, ascending.
  public func forEach(_ body: (UInt32) -> Void) {
    PackedUsers.forEach(in: bytes.span, at: 0, body)
  }

  /// The users, ascending.
  public var users: [UInt32] {
    [UInt32](capacity: count) { output in
      PackedUsers.forEach(in: bytes.span, at: 0) { output.append($0) }
    }
  }
}

private let emptyBytes: [UInt8] = [0]

/// Why bytes are not a packed set of users.
public enum PackedUsersFault: Error, Hashable {
  /// The set, which begins at byte `at`, goes on behind the last byte given.
  case cutShort(at: Int)
  /// The set would hold a number above 2^32 − 1.
  case beyondLastNumber(at: Int)
  /// The members do not ascend within the bounds that the header gives, or are not as many.
  case contradictsHeader(at: Int)
  /// The encoder would have written this set in other bytes.
  case notCanonical(at: Int)
}

extension PackedUsersFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cutShort(let at):
      "The set of users at byte \(at) ends before it is complete. Fetch the rest of the bytes."
    case .beyondLastNumber(let at):
      "The set of users at byte \(at) holds a number above 4294967295. "
        + "Restore these bytes from a backup."
    case .contradictsHeader(let at):
      "The set of users at byte \(at) does not hold what its header says. "
        + "Restore these bytes from a backup."
    case .notCanonical(let at):
      "The set of users at byte \(at) is not in its one accepted form. "
        + "Write it again with this release."
    }
  }
}
