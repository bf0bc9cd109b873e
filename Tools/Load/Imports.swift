/// Imports as partners push them: everything about each is random.
struct Imports: Workload {
  private let ids: [UInt8]
  private let idWidth: Int
  private let users: Int
  private let cohorts: Int
  private let idsPerRequest: Int
  private let credentials: [UInt8]
  private var random = SplitMix(state: 7)
  private(set) var sent = 0
  private(set) var recorded = 0
  private(set) var refused = 0

  init(_ shop: Shop, cohorts: Int = 50, idsPerRequest: Int = 1_000) {
    users = shop.users
    idWidth = shop.idBytes + 3
    ids = (0..<shop.users).flatMap { Array("\"\(shop.externalID($0))\",".utf8) }
    self.cohorts = cohorts
    self.idsPerRequest = idsPerRequest
    credentials = Array(
      "{\"partner_api_key\":\"\(shop.partnerKey)\",\"client_secret\":\"\(shop.importKey)\",".utf8)
  }

  mutating func write(_ request: inout [UInt8], connection: Int) {
    let removes = random.next() % 2 == 1
    let rest = Array(
      ("\"cohort_id\":\"cohort-\(random.below(cohorts))\",\"cohort_changes\":[{"
        + "\"should_remove\":\(removes),\"user_ids\":[").utf8)
    let length = credentials.count + rest.count + idsPerRequest * idWidth - 1 + 4
    request += Array(
      ("POST /partners/hightouch/cohorts/users HTTP/1.1\r\nHost: localhost\r\n"
        + "Content-Type: application/json\r\nContent-Length: \(length)\r\n\r\n").utf8)
    request += credentials
    request += rest
    for _ in 0..<idsPerRequest {
      let start = random.below(users) * idWidth
      request += ids[start..<start + idWidth]
    }
    request.removeLast()
    request += [0x5D, 0x7D, 0x5D, 0x7D]
  }

  mutating func read(_ answer: AnswerReader) throws {
    guard answer.status == 201 else {
      refused += 1
      guard answer.status == 503, refused < 100_000 else {
        throw Trouble("\(answer.status): \(String(decoding: answer.beginning, as: UTF8.self))")
      }
      return
    }
    sent += idsPerRequest
    recorded += (answer.number("added") ?? 0) + (answer.number("removed") ?? 0)
  }

  mutating func forget() { (sent, recorded, refused) = (0, 0, 0) }
}

/// A random source that repeats itself exactly: SplitMix64.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ count: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(count)).high)
  }
}
