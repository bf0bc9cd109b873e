/// A number that names one kind of thing and cannot be taken for another.
///
/// `ID<User>` and `ID<Cohort>` are the same four bytes in memory and in the log,
/// yet the compiler refuses one where the other is meant. Numbers are dense: the first thing
/// of a kind is 1, the next one more. In text an identifier carries its kind, as in `user:42`.
public struct ID<Kind: Nameable>: Hashable, Comparable, Sendable {
  public let rawValue: UInt32

  @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A kind of thing that has identifiers.
///
/// Conforming types are never instantiated.
public protocol Nameable: Sendable {
  /// The word before the colon, in lower case: `user` in `user:42`.
  static var noun: String { get }
}

public enum User: Nameable { public static let noun = "user" }
public enum Identifier: Nameable { public static let noun = "identifier" }
public enum Label: Nameable { public static let noun = "label" }
public enum Partner: Nameable { public static let noun = "partner" }
public enum Key: Nameable { public static let noun = "key" }
public enum Cohort: Nameable { public static let noun = "cohort" }
public enum Segment: Nameable { public static let noun = "segment" }
public enum Campaign: Nameable { public static let noun = "campaign" }
public enum Canvas: Nameable { public static let noun = "canvas" }
public enum Send: Nameable { public static let noun = "send" }

public typealias UserID = ID<User>
/// One external id, alias or device id, in the order in which the log introduced them.
///
/// The text of an identifier can be erased; its number stays and keeps its meaning.
public typealias IdentifierID = ID<Identifier>
public typealias LabelID = ID<Label>
public typealias PartnerID = ID<Partner>
/// Key 0 is the local operator, who needs no key.
public typealias KeyID = ID<Key>
public typealias CohortID = ID<Cohort>
public typealias SegmentID = ID<Segment>
public typealias CampaignID = ID<Campaign>
public typealias CanvasID = ID<Canvas>
public typealias SendID = ID<Send>

extension ID: CustomStringConvertible {
  public var description: String { "\(Kind.noun):\(rawValue)" }
}

extension ID: LosslessStringConvertible {
  /// Reads the text form, such as `user:42`.
  ///
  /// - Returns: `nil` for another noun, a sign, a leading zero, or anything after the digits.
  public init?(_ text: String) {
    let prefix = Kind.noun + ":"
    guard text.hasPrefix(prefix) else { return nil }
    let digits = text.dropFirst(prefix.count)
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    guard digits.utf8.first != 0x30 || digits.utf8.count == 1 else { return nil }
    guard let rawValue = UInt32(digits) else { return nil }
    self.init(rawValue)
  }
}
