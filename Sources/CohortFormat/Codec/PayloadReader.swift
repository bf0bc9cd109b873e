import CohortModel

/// Reads what `PayloadWriter` wrote, and nothing else: other bytes throw, and never trap.
///
/// Holds offsets only. Every function takes the same bytes, those that the frame was read from.
struct PayloadReader {
  /// Of the next byte.
  private(set) var offset: Int
  /// Nothing at or behind this is read.
  private(set) var end: Int
  /// Of the personal texts; `nil` where there can be none, which costs nothing.
  var texts: TextReader?

  init(offset: Int, end: Int) {
    self.offset = offset
    self.end = end
  }

  var isAtEnd: Bool { offset == end }

  /// How many bytes are left: the most things a list can have.
  var rest: Int { end - offset }

  @inline(__always)
  mutating func byte(_ bytes: Span<UInt8>) throws(EventFlaw) -> UInt8 {
    guard offset < end else { throw .cutShort }
    let byte = bytes[offset]
    offset += 1
    return byte
  }

  @inline(__always)
  mutating func varint(_ bytes: Span<UInt8>) throws(EventFlaw) -> UInt64 {
    let first = try byte(bytes)
    if first < 0x80 { return UInt64(first) }
    var number = UInt64(first & 0x7F)
    var shift: UInt64 = 7
    while true {
      let next = try byte(bytes)
      guard shift < 63 || next <= 1 else { throw .outOfRange }
      number |= UInt64(next & 0x7F) << shift
      if next < 0x80 {
        guard next != 0 else { throw .notCanonical }
        return number
      }
      shift += 7
    }
  }

  @inline(__always)
  mutating func number(_ bytes: Span<UInt8>) throws(EventFlaw) -> UInt32 {
    guard let number = UInt32(exactly: try varint(bytes)) else { throw .outOfRange }
    return number
  }

  @inline(__always)
  mutating func id<Kind>(_ bytes: Span<UInt8>) throws(EventFlaw) -> ID<Kind> {
    ID(try number(bytes))
  }

  mutating func position(_ bytes: Span<UInt8>) throws(EventFlaw) -> Position {
    Position(try varint(bytes))
  }

  @inline(__always)
  mutating func fixed<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: Span<UInt8>, _ type: Integer.Type = Integer.self
  ) throws(EventFlaw) -> Integer {
    let start = try skip(MemoryLayout<Integer>.size)
    return bytes.littleEndian(at: start)
  }

  mutating func instant(_ bytes: Span<UInt8>) throws(EventFlaw) -> Instant {
    Instant(microseconds: try fixed(bytes))
  }

  mutating func digest(_ bytes: Span<UInt8>) throws(EventFlaw) -> Digest {
    Digest.read(bytes, at: try skip(Digest.size))
  }

  mutating func flag(_ bytes: Span<UInt8>) throws(EventFlaw) -> Bool {
    let byte = try byte(bytes)
    guard byte <= 1 else { throw .notCanonical }
    return byte == 1
  }

  /// One of the cases of an enumeration of bytes.
  mutating func tag<Tag: RawRepresentable<UInt8>>(
    _ bytes: Span<UInt8>, _ type: Tag.Type = Tag.self
  ) throws(EventFlaw) -> Tag {
    guard let tag = Tag(rawValue: try byte(bytes)) else { throw .outOfRange }
    return tag
  }

  /// A length and as many bytes.
  @inline(__always)
  mutating func block(_ bytes: Span<UInt8>) throws(EventFlaw) -> Range<Int> {
    let length = try varint(bytes)
    guard length <= UInt64(rest) else { throw .cutShort }
    let start = try skip(Int(length))
    return start..<offset
  }

  mutating func text(_ bytes: Span<UInt8>) throws(EventFlaw) -> Text {
    Text(bytes: bytes.array(try block(bytes)))
  }

  mutating func personal(_ bytes: Span<UInt8>) throws(EventFlaw) -> PersonalText {
    let blocks = try byte(bytes)
    let commitment = try digest(bytes)
    guard
      let text = try texts?.next(bytes, blocks: Int(blocks), commitment: commitment)
    else { throw .privateArea }
    return text
  }

  mutating func optional<Value>(
    _ bytes: Span<UInt8>, _ read: (inout Self, Span<UInt8>) throws(EventFlaw) -> Value
  ) throws(EventFlaw) -> Value? {
    try flag(bytes) ? try read(&self, bytes) : nil
  }

  /// A count and as many things of at least a byte each, so that no count is dearer than its bytes.
  mutating func list<Element>(
    _ bytes: Span<UInt8>, _ read: (inout Self, Span<UInt8>) throws(EventFlaw) -> Element
  ) throws(EventFlaw) -> [Element] {
    let count = try varint(bytes)
    guard count <= UInt64(rest) else { throw .cutShort }
    var list: [Element] = []
    for _ in 0..<Int(count) { list.append(try read(&self, bytes)) }
    return list
  }

  mutating func ids<Kind>(_ bytes: Span<UInt8>) throws(EventFlaw) -> [ID<Kind>] {
    try list(bytes) { reader, bytes throws(EventFlaw) in try reader.id(bytes) }
  }

  /// A packed set of users, which must fill its block.
  mutating func users(_ bytes: Span<UInt8>) throws(EventFlaw) -> PackedUsers {
    let block = try block(bytes)
    let read: (users: PackedUsers, end: Int)
    do throws(PackedUsersFault) {
      read = try PackedUsers.read(bytes.extracting(..<block.upperBound), at: block.lowerBound)
    } catch {
      throw .users(error)
    }
    guard read.end == block.upperBound else { throw .leftOver }
    return read.users
  }

  /// Steps over `count` bytes and says where they begin.
  @inline(__always)
  private mutating func skip(_ count: Int) throws(EventFlaw) -> Int {
    guard count <= rest else { throw .cutShort }
    offset += count
    return offset - count
  }
}
