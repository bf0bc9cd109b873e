internal import CohortModel

/// What a JSON value is.
package enum JSONKind: UInt8, Sendable, CaseIterable {
  case null, `false`, `true`, number, string, array, object
}

/// One value on the tape: eight bytes, in the order of the text.
///
///     bit  0       4                    34                   64
///          | kind  | first: 30 bits     | second: 30 bits    |
///
///     kind             first                                 second
///     string, number   offset of its bytes in the buffer     their count
///     array, object    index of the entry after its last     elements, members
///      (while open)    index of its parent, plus 1; or 0     elements so far
///     the others       0                                     0
///
/// An array is followed by its elements, an object by key, value, key, value. Keys are strings.
/// Thirty bits are enough because no document is longer than 2^29 - 1 bytes, texts unescaped
/// at most double the buffer, and no value is shorter than its entry index.
struct JSONEntry: Hashable, Sendable {
  let rawValue: UInt64

  static let fieldMask: UInt64 = (1 << 30) - 1

  @inline(__always)
  init(_ kind: JSONKind, _ first: Int = 0, _ second: Int = 0) {
    rawValue =
      UInt64(kind.rawValue) | UInt64(truncatingIfNeeded: first) &<< 4
      | UInt64(truncatingIfNeeded: second) &<< 34
  }

  @inline(__always)
  var kind: JSONKind { JSONKind(rawValue: UInt8(truncatingIfNeeded: rawValue & 15)) ?? .null }

  @inline(__always)
  var isString: Bool { rawValue & 15 == UInt64(JSONKind.string.rawValue) }

  @inline(__always)
  var isContainer: Bool { rawValue & 15 >= UInt64(JSONKind.array.rawValue) }

  @inline(__always)
  var first: Int { Int(truncatingIfNeeded: (rawValue &>> 4) & Self.fieldMask) }

  @inline(__always)
  var second: Int { Int(truncatingIfNeeded: rawValue &>> 34) }

  /// Of a string or number: where its bytes lie.
  @inline(__always)
  var text: TextRange { TextRange(start: first, count: second) }
}
