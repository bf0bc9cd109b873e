/// Questions, the same on every connection but for their number.
struct Reads: Workload {
  private let target: (inout SplitMix) -> String
  private let key: String
  private var random = SplitMix(state: 3)
  private(set) var members = 0

  /// Asks with the right to see identifiers if it is telling.
  init(
    _ shop: Shop, isTelling: Bool = false, _ target: @escaping (inout SplitMix) -> String
  ) {
    key = isTelling ? shop.tellingKey : shop.readKey
    self.target = target
  }

  mutating func write(_ request: inout [UInt8], connection: Int) {
    request += Array(
      ("GET \(target(&random)) HTTP/1.1\r\nHost: localhost\r\n"
        + "Authorization: Bearer \(key)\r\n\r\n").utf8)
  }

  mutating func read(_ answer: AnswerReader) throws {
    guard answer.status == 200 else {
      throw Trouble("\(answer.status): \(String(decoding: answer.beginning, as: UTF8.self))")
    }
  }
}

/// Reads one long answer and counts its lines.
///
/// Asks with the right to see identifiers and the log if it is telling.
///
/// - Returns: Lines, bytes and seconds.
func stream(
  _ shop: Shop, _ target: String, isTelling: Bool = false, countsLines: Bool = true
) throws -> (lines: Int, bytes: Int, seconds: Double) {
  let socket = try Socket(port: shop.port)
  let request = Array(
    ("GET \(target) HTTP/1.1\r\nHost: localhost\r\nAccept: application/x-ndjson\r\n"
      + "Connection: close\r\n"
      + "Authorization: Bearer \(isTelling ? shop.tellingKey : shop.readKey)\r\n\r\n").utf8)
  let start = nanoseconds()
  guard try socket.send(request.span) == request.count else { throw Trouble("A short request.") }
  var answer = AnswerReader(countsLines: countsLines)
  var buffer = [UInt8](repeating: 0, count: 1 << 18)
  while true {
    guard let count = try socket.receive(into: &buffer) else {
      socket.waitForBytes()
      continue
    }
    if try answer.take(buffer, count) { break }
  }
  guard answer.status == 200 else {
    throw Trouble("\(answer.status): \(String(decoding: answer.beginning, as: UTF8.self))")
  }
  return (answer.lines, answer.bytes, Double(nanoseconds() - start) / 1e9)
}
