import Testing

@testable import CohortHTTP

@Suite struct `The parts of HTTP` {
  @Test func `know all bytes of tokens`() {
    let letters = (UInt8(ascii: "a")...UInt8(ascii: "z")).map { $0 }
    let tokens = Set(Array("!#$%&'*+-.^_`|~0123456789".utf8) + letters + letters.map { $0 - 32 })
    for byte in UInt8.min...UInt8.max {
      #expect(Byte.isToken(byte) == tokens.contains(byte))
      #expect(Byte.lowercase(byte) == (letters.map { $0 - 32 }.contains(byte) ? byte + 32 : byte))
    }
  }

  @Test func `write numbers as Swift does`() {
    var numbers: [UInt64] = [0, 1, 9, 10, 15, 16, 99, 100, 255, 256, .max]
    for shift in 0..<64 { numbers += [1 << shift, (1 << shift) - 1] }
    for number in numbers {
      var decimal: [UInt8] = []
      decimal.append(decimal: number)
      #expect(decimal == Array(String(number).utf8))
      var hexadecimal: [UInt8] = []
      hexadecimal.append(hexadecimal: number)
      #expect(hexadecimal == Array(String(number, radix: 16).utf8))
    }
  }

  @Test func `write every day from 1970 to 2400`() {
    let months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(separator: " ")
    let days = "Thu Fri Sat Sun Mon Tue Wed".split(separator: " ")
    var number = 0
    for year in 1970..<2400 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      for (month, length) in lengths.enumerated() {
        for day in 1...length {
          let two = day < 10 ? "0\(day)" : "\(day)"
          let text = "\(days[number % 7]), \(two) \(months[month]) \(year) 23:59:09 GMT"
          #expect(HTTPDate.text(number * 86_400 + 86_349) == Array(text.utf8))
          number += 1
        }
      }
    }
  }

  @Test func `send what was put in, in pieces of any size`() {
    for piece in [1, 2, 3, 7, 100, 4_096, 10_000, 1_000_000] {
      var outbox = Outbox()
      var wanted: [UInt8] = []
      var sent: [UInt8] = []
      for size in [1, 0, 100, 4_095, 4_096, 4_097, 20_000, 3, 3, 3, 50_000] {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ size) }
        wanted += bytes
        outbox.append(bytes)
      }
      #expect(outbox.count == wanted.count && outbox.total == UInt64(wanted.count))
      while !outbox.isEmpty {
        let count = min(piece, outbox.count)
        sent += outbox.segments.flatMap(\.self)[outbox.offset..<outbox.offset + count]
        outbox.remove(count)
      }
      #expect(sent == wanted && outbox.segments.isEmpty)
    }
  }

  @Test func `ring deadlines in their order`() {
    var heap = DeadlineHeap()
    var seed: UInt64 = 1
    var wanted: [Int64] = []
    for number in 0..<1_000 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let time = Int64(seed >> 54)
      wanted.append(time)
      heap.insert(time, ClientID(slot: UInt32(number), generation: 0))
    }
    wanted.sort()
    #expect(heap.next(by: wanted[0] - 1) == nil)
    var rung: [Int64] = []
    for now in Int64(0)...1_024 {
      while let entry = heap.next(by: now) {
        #expect(entry.time == now)
        rung.append(entry.time)
      }
    }
    #expect(rung == wanted && heap.first == nil)
  }

  @Test func `tell faults in two sentences that are JSON as they are`() {
    for fault in HTTPFault.allCases {
      #expect(fault.message.contains(". ") && fault.message.hasSuffix("."))
      #expect(!fault.message.contains { "\"\\\n".contains($0) })
      #expect(StatusText.of(fault.status) != "")
    }
  }

  @Test(arguments: [
    ("127.0.0.1:8080", "127.0.0.1:8080", true), ("0.0.0.0:0", "0.0.0.0:0", false),
    ("[::1]:1", "[::1]:1", true), ("[0:0::0]:65535", "[::]:65535", false),
    ("127.9.9.9:1", "127.9.9.9:1", true),
  ])
  func `read addresses`(_ text: String, _ shown: String, _ isLoopback: Bool) throws {
    let address = try ListenAddress(text)
    #expect(address.description == shown && address.isLoopback == isLoopback)
  }

  @Test(arguments: [
    "", ":", "127.0.0.1", "127.0.0.1:", ":80", "::1:80", "[::1]", "[]:80", "localhost:80",
    "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "1.2.3:4", "[1.2.3.4]:5", "1.2.3.4 :5",
  ])
  func `refuse what is no address`(_ text: String) {
    #expect(throws: ListenError.malformed(text)) { try ListenAddress(text) }
  }
}
