import CohortFormat
import CohortModel

/// Reads a log with nothing but what Storage/FORMAT.md says, and explains every byte.
///
/// Shares no code with the codec: slow, plain, written from the tables. Reads the events that the
/// worked example has. Of the product it takes only SHA-256, which has published vectors.
struct Inspector {
  struct Mismatch: Error {
    let offset: Int
    let what: String
  }

  private let bytes: [UInt8]
  private var offset = 0
  private(set) var lines: [String] = []
  private var ledger: [UInt8] = []
  private var leaves: [[UInt8]] = []
  /// Blocks and commitment of the texts of a frame, in their order.
  private var texts: [(blocks: Int, commitment: [UInt8])] = []
  private(set) var foundTexts: [[UInt8]?] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func readLog() throws {
    try readFileHeader()
    while offset < bytes.count {
      if try peek(4) == [0, 0, 0, 0] {
        let boundary = min((offset / 4_096 + 1) * 4_096, bytes.count)
        try zeros(boundary - offset, "gap")
      } else {
        try readFrame()
      }
    }
  }

  private mutating func readFileHeader() throws {
    try expect(Array("COHORTLG".utf8), "magic \"COHORTLG\"")
    try expect(1, 4, "format version")
    try expect(0, 4, "zero")
    ledger = try take(16, "ledger id")
    _ = try number(8, "created, µs")
    try expect(crc(bytes[..<40]), 4, "crc of bytes 0 to 39")
    try zeros(4_096 - 44, "zeros")
  }

  private mutating func readFrame() throws {
    let start = offset
    try expect(Array("CFRM".utf8), "magic \"CFRM\"")
    let kind = try number(4, "kind (0 events, 1 seal)")
    let publicLength = try Int(number(4, "public length"))
    let privateLength = try Int(number(4, "private length"))
    try expect(UInt64(start), 8, "own file offset")
    let first = try number(8, "first position")
    let count = try Int(number(4, "event count"))
    try expect(0, 4, "zero")
    let time = try number(8, "time, µs")
    _ = try number(8, "raw clock, µs")
    _ = try number(4, "epoch: generation")
    _ = try take(12, "epoch: random")
    guard try take(32, "root before") == Inspector.root(leaves[...]) else {
      throw Mismatch(offset: offset, what: "root before")
    }
    try expect(0, 4, "zero")
    try expect(crc(bytes[start..<start + 108]), 4, "crc of the header")
    if kind == 1, start % 4_096 != 0 { throw Mismatch(offset: start, what: "seal") }

    texts = []
    let eventsEnd = offset + publicLength
    for index in 0..<count {
      let eventStart = offset
      try readEvent(position: first + UInt64(index))
      let prefix = [0] + Inspector.bytes(first + UInt64(index)) + Inspector.bytes(time)
      leaves.append(Inspector.sha(prefix + bytes[eventStart..<offset]))
    }
    guard offset == eventsEnd else { throw Mismatch(offset: offset, what: "public length") }
    try zeros((8 - publicLength % 8) % 8, "zeros to a multiple of 8")
    try expect(first + UInt64(count) - 1, 8, "tree size")
    try expect(Inspector.root(leaves[...]), "root")
    try expect(
      crc(bytes[start..<start + 108] + bytes[start + 112..<offset]), 4, "crc of the frame")
    try expect(0, 4, "zero")
    let privateEnd = offset + privateLength
    for text in texts { try readText(blocks: text.blocks, commitment: text.commitment) }
    guard offset == privateEnd else { throw Mismatch(offset: offset, what: "private length") }
  }

  private mutating func readEvent(position: UInt64) throws {
    let kind = try number(1, "#\(position) kind")
    try expect(1, 1, "version")
    let flags = try number(1, "flags (1 ends request, 2 receipt)")
    _ = try varint("request")
    _ = try varint("key")
    let length = try varint("payload length")
    let end = offset + Int(length)
    switch kind {
    case 16:
      _ = try varint("userCreated: user")
      for _ in 0..<(try varint("identifiers")) { try readIdentifier() }
    case 32:
      _ = try varint("cohortNamed: cohort")
      _ = try varint("partner")
      try text("cohort id")
      try text("name")
      if try number(1, "created at? (0 no, 1 yes)") == 1 { _ = try number(8, "created at, µs") }
    case 35:
      _ = try varint("membersChanged: cohort")
      _ = try number(1, "direction (0 entering, 1 leaving)")
      _ = try varint("unchanged")
      let length = try Int(varint("length of the set of users"))
      _ = try take(length, "users, packed")
      for _ in 0..<(try varint("unmatched")) {
        _ = try number(1, "reason (0 unknown, 1 identified, 2 merged)")
        try readIdentifier()
      }
    default: throw Mismatch(offset: offset, what: "kind \(kind)")
    }
    guard offset == end else { throw Mismatch(offset: offset, what: "payload length") }
    guard flags & 2 != 0 else { return }
    let receiptEnd = try Int(varint("receipt length")) + offset
    try personalText("idempotency key")
    try personalText("fingerprint")
    _ = try number(2, "status")
    try text("answer")
    guard offset == receiptEnd else { throw Mismatch(offset: offset, what: "receipt length") }
  }

  private mutating func readIdentifier() throws {
    switch try number(1, "identifier (0 external id, 1 alias, 2 device)") {
    case 1:
      try text("label")
      try personalText("name")
    default: try personalText("text")
    }
  }

  private mutating func personalText(_ note: String) throws {
    let blocks = try Int(number(1, "\(note): blocks"))
    texts.append((blocks, try take(32, "\(note): commitment")))
  }

  private mutating func readText(blocks: Int, commitment: [UInt8]) throws {
    let start = offset
    if try peek(16 + 16 * blocks).allSatisfy({ $0 == 0 }) {
      try zeros(16 + 16 * blocks, "an erased text")
      foundTexts.append(nil)
      return
    }
    let nonce = try take(16, "nonce")
    let rest = bytes[start + 20..<start + 16 + 16 * blocks]
    try expect(crc(nonce + rest), 4, "crc of this text")
    let length = try Int(number(2, "length"))
    let text = try take(length, "text")
    try zeros(start + 16 + 16 * blocks - offset, "zeros to 16 + 16 × \(blocks)")
    guard Inspector.sha(nonce + text) == commitment else {
      throw Mismatch(offset: start, what: "commitment")
    }
    foundTexts.append(text)
  }
}

extension Inspector {
  private func peek(_ count: Int) throws -> ArraySlice<UInt8> {
    guard offset + count <= bytes.count else { throw Mismatch(offset: offset, what: "cut") }
    return bytes[offset..<offset + count]
  }

  /// Takes bytes and explains them, sixteen to a line.
  private mutating func take(_ count: Int, _ note: String) throws -> [UInt8] {
    let taken = Array(try peek(count))
    let isText = !taken.isEmpty && taken.allSatisfy { (0x20..<0x7F).contains($0) }
    let words =
      isText && !note.contains("\"") ? " \"\(String(decoding: taken, as: UTF8.self))\"" : ""
    for start in stride(from: 0, to: max(count, 1), by: 16) {
      let row = taken[start..<min(start + 16, count)]
      line(start, row.map(Inspector.hex).joined(separator: " "), start == 0 ? note + words : "")
    }
    offset += count
    return taken
  }

  private mutating func line(_ start: Int, _ hex: String, _ note: String) {
    let place = String(offset + start, radix: 16)
    let padded = hex + String(repeating: " ", count: 49 - hex.count) + note
    let text = String(repeating: "0", count: 5 - place.utf8.count) + place + "  " + padded
    lines.append(String(text.reversed().drop { $0 == " " }.reversed()))
  }

  private mutating func zeros(_ count: Int, _ note: String) throws {
    guard try peek(count).allSatisfy({ $0 == 0 }) else {
      throw Mismatch(offset: offset, what: note)
    }
    if count > 16 { line(0, "00 … 00 (\(count) bytes)", note) }
    if (1...16).contains(count) { _ = try take(count, note) } else { offset += count }
  }

  private mutating func number(_ size: Int, _ note: String) throws -> UInt64 {
    let value = try peek(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    _ = try take(size, "\(note) = \(value) \"")
    lines[lines.count - 1].removeLast(2)
    return value
  }

  private mutating func varint(_ note: String) throws -> UInt64 {
    var (value, size): (UInt64, Int) = (0, 0)
    while true {
      let byte = try peek(size + 1)[offset + size]
      value |= UInt64(byte & 127) << UInt64(7 * size)
      size += 1
      if byte < 128 { break }
    }
    _ = try take(size, "\(note) = \(value) \"")
    lines[lines.count - 1].removeLast(2)
    return value
  }

  private mutating func text(_ note: String) throws {
    let length = try varint("\(note): length")
    _ = try take(Int(length), note)
  }

  private mutating func expect(_ value: UInt64, _ size: Int, _ note: String) throws {
    guard try number(size, note) == value else { throw Mismatch(offset: offset, what: note) }
  }

  private mutating func expect(_ value: [UInt8], _ note: String) throws {
    guard try take(value.count, note) == value else { throw Mismatch(offset: offset, what: note) }
  }

  private func crc(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in ledger + bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }
    return UInt64(~crc)
  }

  static func sha(_ bytes: [UInt8]) -> [UInt8] {
    let digest = SHA256.digest(bytes.span)
    return (0..<32).map { digest[$0] }
  }

  /// RFC 6962, section 2.1, word for word.
  static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
    guard let first = leaves.first else { return sha([]) }
    if leaves.count == 1 { return first }
    var half = 1
    while half * 2 < leaves.count { half *= 2 }
    return sha([1] + root(leaves.prefix(half)) + root(leaves.dropFirst(half)))
  }

  private static func bytes(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }
}
