/// Text that is public within a workspace: names, labels, cohort ids, descriptions, tags.
///
/// Compared as UTF-8 bytes, never as `String`: canonical equivalence would take two names
/// for one.
public struct Text: Hashable, Comparable, Sendable {
  public let bytes: [UInt8]

  public init(bytes: [UInt8]) { self.bytes = bytes }

  public init(_ string: String) { self.bytes = Array(string.utf8) }

  public static func < (a: Text, b: Text) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}

extension Text: CustomStringConvertible {
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension Text: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(value) }
}

/// Text that belongs to a person and can be erased: external ids, alias names, device ids,
/// unmatched identifiers, idempotency keys and body digests.
///
/// In the log it lies in the frame's private area; see Storage/FORMAT.md, section 5.
public struct PersonalText: Hashable, Sendable {
  /// The bytes, at most 1,024; `nil` once erased.
  public let bytes: [UInt8]?

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public init(_ string: String) { self.bytes = Array(string.utf8) }

  private init(erased: Void) { self.bytes = nil }

  public static let erased = PersonalText(erased: ())

  /// The longest text that a user can have, in bytes.
  public static let sizeMax = 1_024
}

extension PersonalText: CustomStringConvertible {
  public var description: String {
    bytes.map { String(decoding: $0, as: UTF8.self) } ?? "(erased)"
  }
}

/// One personal text of the log: the event that brought it, and its place in that event.
public struct TextName: Hashable, Comparable, Sendable {
  public let position: Position
  /// From 0, in the order in which the event's texts are written.
  public let item: UInt32

  public init(position: Position, item: UInt32) {
    self.position = position
    self.item = item
  }

  public static func < (a: TextName, b: TextName) -> Bool {
    (a.position, a.item) < (b.position, b.item)
  }
}
