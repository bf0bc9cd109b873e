/// Questions, the same on every connection but for their number.
struct Reads: Workload {
  private let target: (inout SplitMix) -> String
  private let key: String
  private var random = SplitMix(state: 3)
  private(set) var members = 0

  init(_ shop: Shop, _ target: @escaping (inout SplitMix) -> String) {
    key = shop.readKey
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
/// - Returns: Lines and seconds.
func stream(_ shop: Shop, _ target: String) throws -> (lines: Int, seconds: Double) {
  let socket = try Socket(port: shop.port)
  let request = Array(
    ("GET \(target) HTTP/1.1\r\nHost: localhost\r\nAccept: application/x-ndjson\r\n"
      + "Connection: close\r\nAuthorization: Bearer \(shop.readKey)\r\n\r\n").utf8)
  let start = nanoseconds()
  guard try socket.send(request.span) == request.count else { throw Trouble("A short request.") }
  var answer = AnswerReader(countsLines: true)
  var buffer = [UInt8](repeating: 0, count: 1 << 20)
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
  return (answer.lines, Double(nanoseconds() - start) / 1e9)
}
