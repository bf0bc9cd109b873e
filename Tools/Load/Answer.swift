/// Reads answers off a connection as they come, and keeps only their beginning.
struct AnswerReader {
  private(set) var status = 0
  /// Of the body.
  private(set) var bytes = 0
  /// How many lines the body has had.
  private(set) var lines = 0
  /// The first bytes of the body, where counts and positions stand.
  private(set) var beginning: [UInt8] = []
  private var head: [UInt8] = []
  private var state = State.head
  private var countsLines: Bool

  private enum State {
    case head
    case body(left: Int)
    /// Before a chunk, or in the line that says how long it is; `size` is what that says so far.
    case chunkHead(size: Int)
    /// In a chunk, and the line break behind it.
    case chunk(left: Int)
    /// Behind the last chunk.
    case end(left: Int)
  }

  init(countsLines: Bool = false) { self.countsLines = countsLines }

  /// Takes bytes; a client that does not pipeline never gets those of the next answer.
  ///
  /// - Returns: Whether the answer is complete.
  mutating func take(_ buffer: borrowing [UInt8], _ count: Int) throws -> Bool {
    var at = 0
    if case .head = state {
      let before = head.count
      head += buffer[..<count]
      guard let end = Self.end(of: head) else {
        if head.count > 65_536 { throw Trouble("The answer has no end of its head.") }
        return false
      }
      try begin(String(decoding: head[..<end], as: UTF8.self))
      at = end - before
      head.removeAll(keepingCapacity: true)
    }
    if case .body(let left) = state {
      take(part: buffer, at..<count)
      state = .body(left: left - (count - at))
      return left - (count - at) <= 0
    }
    while at < count {
      switch state {
      case .head, .body: return false
      case .chunkHead(let size):
        let byte = buffer[at]
        at += 1
        if byte == 0x0A {
          state = size == 0 ? .end(left: 2) : .chunk(left: size + 2)
        } else if byte != 0x0D {
          state = .chunkHead(size: size << 4 | (byte < 0x40 ? Int(byte) & 15 : Int(byte) & 7 + 9))
        }
      case .chunk(let left):
        let end = min(count, at + left)
        // The line break is no part of it.
        take(part: buffer, at..<max(at, min(end, at + left - 2)))
        state = end - at == left ? .chunkHead(size: 0) : .chunk(left: left - (end - at))
        at = end
      case .end(let left):
        at += 1
        if left == 1 { return true }
        state = .end(left: left - 1)
      }
    }
    return false
  }

  private mutating func take(part buffer: borrowing [UInt8], _ range: Range<Int>) {
    bytes += range.count
    if beginning.count < 4_096 { beginning += buffer[range.prefix(4_096)] }
    if countsLines { for byte in buffer[range] where byte == 0x0A { lines += 1 } }
  }

  private mutating func begin(_ text: String) throws {
    let lines = text.split(separator: "\r\n")
    guard let first = lines.first, let status = Int(first.split(separator: " ")[1]) else {
      throw Trouble("The answer does not begin as one of HTTP.")
    }
    self.status = status
    state = .chunkHead(size: 0)
    for line in lines where line.lowercased().hasPrefix("content-length:") {
      let value = line.split(separator: ":")[1].drop { $0 == " " }
      state = .body(left: Int(value) ?? 0)
    }
  }

  private static func end(of head: [UInt8]) -> Int? {
    var at = 3
    while at < head.count {
      if head[at] == 0x0A, head[at - 1] == 0x0D, head[at - 2] == 0x0A, head[at - 3] == 0x0D {
        return at + 1
      }
      at += 1
    }
    return nil
  }

  /// The number behind `"name":` in the beginning of the body.
  func number(_ name: String) -> Int? {
    let key = Array("\"\(name)\":".utf8)
    guard beginning.count > key.count else { return nil }
    for start in 0..<(beginning.count - key.count)
    where beginning[start] == key[0] && beginning[start..<start + key.count].elementsEqual(key) {
      let digits = beginning[(start + key.count)...].prefix { (0x30...0x39).contains($0) }
      return Int(String(decoding: digits, as: UTF8.self))
    }
    return nil
  }
}
