import CohortFormat
import CohortModel

/// JSON as the library writes it where nothing but writing is needed.
///
/// One value after another.
struct PlainJSON {
  private(set) var text = ""
  private var needsComma = false

  mutating func key(_ name: String) {
    separate()
    append(quoted: Array(name.utf8))
    text += ":"
    needsComma = false
  }

  mutating func number(_ number: some BinaryInteger) {
    separate()
    text += String(number)
    needsComma = true
  }

  mutating func flag(_ isSo: Bool) {
    separate()
    text += isSo ? "true" : "false"
    needsComma = true
  }

  mutating func null() {
    separate()
    text += "null"
    needsComma = true
  }

  mutating func string(_ bytes: [UInt8]) {
    separate()
    append(quoted: bytes)
    needsComma = true
  }

  mutating func string(_ text: String) { string(Array(text.utf8)) }

  mutating func hexadecimal(_ bytes: [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    string(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  mutating func object(_ fill: (inout PlainJSON) -> Void) { nest("{", "}", fill) }

  mutating func list<Elements: Sequence>(
    _ elements: Elements, _ fill: (inout PlainJSON, Elements.Element) -> Void
  ) {
    nest("[", "]") { json in for element in elements { fill(&json, element) } }
  }

  private mutating func nest(_ open: String, _ close: String, _ fill: (inout PlainJSON) -> Void) {
    separate()
    text += open
    needsComma = false
    fill(&self)
    text += close
    needsComma = true
  }

  private mutating func separate() { if needsComma { text += "," } }

  /// Control characters, quotes and the backslash escaped; what is not UTF-8 is shown repaired.
  private mutating func append(quoted bytes: [UInt8]) {
    text += "\""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case ..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension MembershipProof {
  /// The proof as `Tools/Checks/verify_proof.py` reads it: bytes in hexadecimal digits, times in
  /// microseconds since 1970.
  public var json: String {
    var json = PlainJSON()
    json.object { json in
      json.key("ledger")
      json.string(ledger.description)
      json.key("partner")
      json.string(cohort.partner.bytes)
      json.key("cohort_id")
      json.string(cohort.cohortID.bytes)
      json.key("cohort")
      json.number(cohortNumber.rawValue)
      json.key("users")
      json.list(users) { $0.number($1.rawValue) }
      json.key("is_member")
      json.flag(isMember)
      json.key("tree_head")
      json.object { json in
        json.key("size")
        json.number(head.size)
        json.key("root")
        json.string(head.root.description)
      }
      json.key("events")
      json.list(events) { $0.event($1) }
      json.key("reveals")
      json.list(reveals) { $0.number($1.rawValue) }
    }
    return json.text
  }
}

extension PlainJSON {
  fileprivate mutating func event(_ event: ProvenEvent) {
    object { json in
      json.key("position")
      json.number(event.position.rawValue)
      json.key("time_us")
      json.number(event.time.microseconds)
      json.key("event")
      json.hexadecimal(event.bytes)
      json.key("path")
      json.list(event.path) { $0.string($1.description) }
      json.key("openings")
      json.list(event.openings) { json, opening in
        json.object { json in
          json.key("item")
          json.number(opening.item)
          json.key("nonce")
          json.hexadecimal(opening.nonce)
          json.key("text")
          json.hexadecimal(opening.text)
        }
      }
    }
  }
}
