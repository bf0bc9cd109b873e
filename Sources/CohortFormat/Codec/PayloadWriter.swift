import CohortModel

/// Writes events into the bytes of a frame, and their personal texts into its private area.
struct PayloadWriter: Sendable {
  /// The frame from its first byte on.
  var bytes: [UInt8] = []
  var privateArea: [UInt8] = []
  private let ledger: CRC32C
  private let random: any RandomBytes

  init(ledger: CRC32C, random: any RandomBytes) {
    self.ledger = ledger
    self.random = random
  }

  @inline(__always)
  mutating func byte(_ byte: UInt8) { bytes.append(byte) }

  @inline(__always)
  mutating func varint(_ number: UInt64) { bytes.append(varint: number) }

  @inline(__always)
  mutating func number(_ number: UInt32) { varint(UInt64(number)) }

  @inline(__always)
  mutating func id<Kind>(_ id: ID<Kind>) { number(id.rawValue) }

  mutating func position(_ position: Position) { varint(position.rawValue) }

  mutating func instant(_ instant: Instant) { bytes.append(littleEndian: instant.microseconds) }

  mutating func digest(_ digest: Digest) { bytes.append(digest) }

  mutating func flag(_ flag: Bool) { byte(flag ? 1 : 0) }

  mutating func tag(_ tag: some RawRepresentable<UInt8>) { byte(tag.rawValue) }

  /// A length and the bytes, copied once.
  @inline(__always)
  mutating func block(_ block: [UInt8]) {
    varint(UInt64(block.count))
    bytes.append(contentsOf: block)
  }

  mutating func text(_ text: Text) { block(text.bytes) }

  mutating func personal(_ text: PersonalText) {
    guard let text = text.bytes else {
      preconditionFailure("an erased text cannot be written again")
    }
    precondition(text.count <= PersonalText.sizeMax, "a personal text has at most 1024 bytes")
    let entry = TextLayout(textSize: text.count)
    let commitment = privateArea.append(text, as: entry, ledger: ledger, random: random)
    byte(UInt8(entry.blocks))
    digest(commitment)
  }

  mutating func optional<Value>(_ value: Value?, _ write: (inout Self, Value) -> Void) {
    flag(value != nil)
    if let value { write(&self, value) }
  }

  @inline(__always)
  mutating func list<Element>(_ list: [Element], _ write: (inout Self, Element) -> Void) {
    varint(UInt64(list.count))
    for element in list { write(&self, element) }
  }

  mutating func ids<Kind>(_ ids: [ID<Kind>]) { list(ids) { $0.id($1) } }

  /// Writes the length of what `write` writes in front of it.
  ///
  /// The bytes are moved only if the length takes more or fewer bytes than that of `expected`.
  @inline(__always)
  mutating func measured(expecting expected: Int, _ write: (inout Self) -> Void) {
    let lengthStart = bytes.count
    let reserved = varintSize(UInt64(expected))
    bytes.append(contentsOf: repeatElement(0, count: reserved))
    let start = bytes.count
    write(&self)
    var length = UInt64(bytes.count - start)
    let needed = varintSize(length)
    if needed != reserved {
      bytes.replaceSubrange(lengthStart..<start, with: repeatElement(0, count: needed))
    }
    for index in 0..<needed {
      let isLast = index == needed - 1
      bytes[lengthStart + index] = UInt8(truncatingIfNeeded: length & 0x7F) | (isLast ? 0 : 0x80)
      length >>= 7
    }
  }
}
