/// Who every user is, now and at every past position: their identifiers, merges and ends.
///
///     users         created | list ──► the one identifier, or a ring of links      8 bytes each
///     identifiers   text | bearer | length, kind, role | introduced               16 bytes each
///     texts         the bytes, in words of 8                              16 for a 13-byte id
///     slots         tag | number, found by a keyed hash                  6 to 12 bytes a number
///
/// and, only for those to whom it happened: `transitions` (an identifier changed its bearer or
/// its role), `links` (a user bore a second identifier), `earlier` (the same bytes were borne
/// before), `kinship` (a user ended).
///
/// A value: a copy costs some thirty references and stays as it is while the original moves on.
/// The writer gives copies to readers, and returns to one when a write fails.
///
/// Invariants:
/// - Numbers are dense from 1 and never reused; element 0 of every table stands for "none".
/// - A record holds the present; a transition holds what was before it. The state at a position
///   is the present with every later transition taken back, newest first.
/// - `slots` holds exactly the newest unerased identifier of each (kind, label, bytes); the earlier
///   ones hang on it by `earlier`.
/// - The list of a user holds each identifier that the user ever bore once, by first time.
///
/// Positions are given in the order of the log. Texts have 1 to 1,024 bytes and are compared as
/// bytes; they are found through a hash with a per-process key, which is no part of the value.
public struct Directory: Sendable {
  /// The longest text an identifier or a label can have, in bytes.
  public static let maximumTextBytes = 1024
  /// The most identifiers one ledger can have: a number must leave two bits in a user's record.
  public static let maximumIdentifiers = 1 << 30 - 1

  struct UserRecord: Equatable {
    /// The low half of the position of creation.
    var created: UInt32
    /// 0 | identifier | `ringBit` + the last link of a ring; and `identifiedBit`.
    var list: UInt32

    static var ringBit: UInt32 { 1 << 31 }
    static var identifiedBit: UInt32 { 1 << 30 }
    static var numberMask: UInt32 { identifiedBit - 1 }
  }

  struct IdentifierRecord: Equatable {
    /// The place of the text, or of the label before it.
    var word: UInt32
    /// The present bearer; of a free identifier the last one.
    var bearer: UInt32
    /// Bits 0–10: length in bytes, 0 = no text; 11–12: kind; 13–15: role.
    var info: UInt32
    /// The low half of the position of introduction.
    var introduced: UInt32

    static var keyMask: UInt32 { 1 << 13 - 1 }
    static var lengthMask: UInt32 { 1 << 11 - 1 }

    var length: Int { Int(info & Self.lengthMask) }
    var isAlias: Bool { info >> 11 & 3 == 1 }
    /// The words before the text: one for the label of an alias.
    var prefix: Int { isAlias ? 1 : 0 }
    var role: IdentifierRole {
      get { IdentifierRole(rawValue: UInt8(info >> 13 & 7)) ?? .free }
      set { info = info & ~(7 << 13) | UInt32(newValue.rawValue) << 13 }
    }
  }

  struct Transition: Equatable {
    var at: UInt64
    var identifier: UInt32
    /// Who bore it until then, and as what.
    var bearer: UInt32
    var role: UInt32
    /// The transition of this identifier before this one, plus one; 0: none.
    var previous: UInt32
  }

  struct Link: Equatable {
    var identifier: UInt32
    var next: UInt32
  }

  var users = PagedArray(blank: UserRecord(created: 0, list: 0))
  var userHeights = HighHalves()
  var identifiers = PagedArray(
    blank: IdentifierRecord(word: 0, bearer: 0, info: 0, introduced: 0))
  var identifierHeights = HighHalves()
  var texts = Texts()
  var labels: Labels
  var slots: SlotTable
  var earlier = PagedArray<UInt32>(blank: 0)
  var transitions = PagedArray(
    blank: Transition(at: 0, identifier: 0, bearer: 0, role: 0, previous: 0))
  var latest = PagedArray<UInt32>(blank: 0)
  var links = PagedArray(blank: Link(identifier: 0, next: 0))
  var kinship = Kinship()
  let hash: TextHash

  /// A directory without users.
  ///
  /// - Parameter hashSeed: a random number of this process. Whoever knows it can choose ids that
  ///   make look-ups slow, so it must not leave the process.
  public init(hashSeed: UInt64) { self.init(hashing: TextHash(seed: hashSeed)) }

  package init(hashing hash: TextHash, minimumSlotBits: Int = 6) {
    self.hash = hash
    slots = SlotTable(minimumSlotBits: minimumSlotBits)
    labels = Labels(minimumSlotBits: minimumSlotBits)
    users.append(UserRecord(created: 0, list: 0))
    identifiers.append(IdentifierRecord(word: 0, bearer: 0, info: 0, introduced: 0))
  }
}

extension Directory {
  /// How many users were ever created: the number of the newest.
  public var userCount: Int { users.count - 1 }

  /// How many identifiers were ever introduced.
  public var identifierCount: Int { identifiers.count - 1 }

  public var labelCount: Int { labels.count }

  /// Whether `user` was ever created.
  public func contains(_ user: UserID) -> Bool {
    user.rawValue > 0 && Int(user.rawValue) < users.count
  }

  /// Whether `identifier` was ever introduced.
  public func contains(_ identifier: IdentifierID) -> Bool {
    identifier.rawValue > 0 && Int(identifier.rawValue) < identifiers.count
  }

  /// The event that created `user`, or `.never` if none did.
  public func created(_ user: UserID) -> Position {
    guard contains(user) else { return .never }
    return userHeights.position(of: user.rawValue, low: users[Int(user.rawValue)].created)
  }

  /// The event that introduced `identifier`, or `.never` if none did.
  public func introduced(_ identifier: IdentifierID) -> Position {
    guard contains(identifier) else { return .never }
    return identifierHeights.position(
      of: identifier.rawValue, low: identifiers[Int(identifier.rawValue)].introduced)
  }

  /// The name space of `identifier`, which must have been introduced.
  public func kind(of identifier: IdentifierID) -> IdentifierKind {
    let record = identifiers[Int(identifier.rawValue)]
    switch record.info >> 11 & 3 {
    case 0: return .externalID
    case 1: return .alias(LabelID(UInt32(truncatingIfNeeded: texts.words[Int(record.word)])))
    default: return .device
    }
  }

  /// The bytes of `identifier`, or nil if they were erased.
  public func text(of identifier: IdentifierID) -> [UInt8]? {
    var bytes: [UInt8] = []
    return appendText(of: identifier, to: &bytes) ? bytes : nil
  }

  /// Appends the bytes of `identifier` to `output`.
  ///
  /// - Returns: false if they were erased; `output` is then as before.
  public func appendText(of identifier: IdentifierID, to output: inout [UInt8]) -> Bool {
    let record = identifiers[Int(identifier.rawValue)]
    guard record.length > 0 else { return false }
    texts.append(at: Int(record.word) + record.prefix, count: record.length, to: &output)
    return true
  }

  /// The number of the label with these bytes, if it has one.
  public func label(_ text: Span<UInt8>) -> LabelID? { labels.find(text, in: texts, by: hash) }

  /// The bytes of `label`; none if there is no such label.
  public func text(of label: LabelID) -> [UInt8] { labels.text(of: label, in: texts) }

  /// The bytes that this directory holds in memory, pages that it shares with copies included.
  public var allocatedBytes: Int {
    users.allocatedBytes + identifiers.allocatedBytes + texts.words.allocatedBytes
      + slots.slots.allocatedBytes + earlier.allocatedBytes + transitions.allocatedBytes
      + latest.allocatedBytes + links.allocatedBytes + kinship.allocatedBytes
      + labels.records.allocatedBytes
  }
}
