import CohortWire
import TestSupport
import Testing

@Suite struct `A JSON writer` {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func `puts commas where they belong, behind what is there`() {
    var bytes = Array("head ".utf8)
    JSONWriter.append(to: &bytes) { json in
      json.object {
        $0.member("message", "success")
        $0.member("position", UInt64.max)
        $0.key("outcomes")
        $0.object { $0.member("added", -2) }
        $0.key("empty")
        $0.array { _ in }
        $0.key("list")
        $0.array {
          $0.null()
          $0.bool(true)
          $0.object { _ in }
          $0.json(Array("[1]".utf8))
        }
        $0.member("ok", false)
        $0.member("id", utf8: [0x61])
        $0.member("page", ["next": nil, "tags": ["a", 1, true]])
      }
      json.endLine()
      json.integer(1)
    }
    #expect(
      text(bytes)
        == "head {\"message\":\"success\",\"position\":18446744073709551615,\"outcomes\":{\"added\":-2},"
        + "\"empty\":[],\"list\":[null,true,{},[1]],\"ok\":false,\"id\":\"a\","
        + "\"page\":{\"next\":null,\"tags\":[\"a\",1,true]}}\n1")
  }

  @Test func `escapes what must be escaped, in the shortest way, and nothing else`() {
    for byte in UInt8.min..<0x80 {
      let expected =
        switch byte {
        case 0x08: "\\b"
        case 0x09: "\\t"
        case 0x0A: "\\n"
        case 0x0C: "\\f"
        case 0x0D: "\\r"
        case 0x22: "\\\""
        case 0x5C: "\\\\"
        case ..<0x10: "\\u000" + String(byte, radix: 16)
        case ..<0x20: "\\u00" + String(byte, radix: 16)
        default: String(Unicode.Scalar(byte))
        }
      // At every place of a word and behind it.
      for before in 0...9 {
        let around = String(repeating: "x", count: before)
        var writer = JSONWriter()
        writer.string(around + String(Unicode.Scalar(byte)) + around)
        #expect(text(writer.bytes) == "\"\(around)\(expected)\(around)\"")
      }
    }
  }

  @Test func `is read back as what was written`() {
    var random = SeededRandom(seed: 3)
    for _ in 0..<3000 {
      let value = Self.randomText(depth: 4, &random)
      #expect(NaiveJSON.real(value.bytes) == Self.naive(value))
      #expect(NaiveJSONReader.read(value.bytes) == Self.naive(value))
    }
  }

  private static func randomText(depth: Int, _ random: inout SeededRandom) -> JSONText {
    switch random.below(depth > 0 ? 8 : 6) {
    case 0: return nil
    case 1: return .bool(random.once(in: 2))
    case 2, 3: return .integer(Int64(truncatingIfNeeded: random.next()) >> Int64(random.below(64)))
    case 4: return .string(randomString(&random))
    case 5: return .utf8(Array(randomString(&random).utf8))
    case 6: return .array((0..<random.below(5)).map { _ in randomText(depth: depth - 1, &random) })
    default:
      return .object(
        (0..<random.below(14)).map {
          .init("\($0)" + randomString(&random), randomText(depth: depth - 1, &random))
        })
    }
  }

  private static func randomString(_ random: inout SeededRandom) -> String {
    let tops: [UInt32] = [0x20, 0x80, 0x80, 0x80, 0x800, 0x10000, 0x110000]
    var text = ""
    for _ in 0..<random.below(20) {
      let scalar = UInt32(random.below(Int(tops[random.below(tops.count)])))
      text.unicodeScalars.append(Unicode.Scalar(scalar) ?? "\u{FFFD}")
    }
    return text
  }

  private static func naive(_ value: JSONText) -> NaiveJSON {
    switch value {
    case .null: .null
    case .bool(let value): .bool(value)
    case .integer(let value): .number("\(value)")
    case .string(let value): .string(Array(value.utf8))
    case .utf8(let value): .string(value)
    case .array(let elements): .array(elements.map(naive))
    case .object(let members):
      .object(members.map { .init(key: Array($0.key.utf8), value: naive($0.value)) })
    }
  }
}
