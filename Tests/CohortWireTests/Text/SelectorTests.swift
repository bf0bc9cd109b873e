import CohortModel
import CohortWire
import Testing

@Suite struct `A selector` {
  @Test func `names a user`() throws {
    #expect(try UserName(selector: "external_id:a:b") == .externalID("a:b"))
    #expect(try UserName(selector: "external_id:") == .externalID(""))
    #expect(try UserName(selector: "customer-42") == .externalID("customer-42"))
    #expect(try UserName(selector: "external_id") == .externalID("external_id"))
    #expect(try UserName(selector: "User:1") == .externalID("User:1"))
    #expect(try UserName(selector: "alias:crm:a:b\\") == .alias(label: "crm", name: "a:b\\"))
    #expect(try UserName(selector: "alias:a\\:b\\\\:c") == .alias(label: "a:b\\", name: "c"))
    #expect(try UserName(selector: "alias::") == .alias(label: "", name: ""))
    #expect(try UserName(selector: "device:d:1") == .device("d:1"))
    #expect(try UserName(selector: "user:42") == .number(UserID(42)))
  }

  static let wrong: [(String, SelectorError)] = [
    ("", .empty), ("user:", .notANumber("user:")), ("user:x", .notANumber("user:x")),
    ("user:01", .notANumber("user:01")), ("user:-1", .notANumber("user:-1")),
    ("user:4294967296", .notANumber("user:4294967296")), ("alias:crm", .noAliasName("alias:crm")),
    ("alias:", .noAliasName("alias:")), ("alias:a\\:b", .noAliasName("alias:a\\:b")),
    ("alias:a\\", .noAliasName("alias:a\\")), ("alias:a\\b:c", .badEscape("alias:a\\b:c")),
  ]

  @Test(arguments: wrong) func `names nobody as`(_ text: String, _ error: SelectorError) {
    #expect(throws: error) { try UserName(selector: text) }
    #expect("\(error)".hasSuffix(".") && "\(error)".split(separator: ". ").count == 2)
  }

  @Test func `is read back as what was printed, whatever the texts`() throws {
    let letters = Array("a:\\\nu".utf8)
    var texts: [[UInt8]] = [[]]
    var all = ["", "external_id:x", "alias:", "user:7", "device:"].map { Array($0.utf8) }
    for _ in 1...3 {
      texts = texts.flatMap { text in letters.map { text + [$0] } }
      all += texts
    }
    for text in all.map({ Text(bytes: $0) }) {
      for name: UserName in [
        .externalID(text), .device(text), .alias(label: text, name: "n"),
        .alias(label: "l", name: text), .alias(label: text, name: text),
      ] {
        #expect(try UserName(selector: name.selector) == name)
        // So no two names read the same in a message either.
        #expect(Array(name.description.utf8) == name.selector)
        #expect(try UserName(selector: name.shortSelector) == name)
        // And through a line of a list.
        let line = TerminalText.escaped(name.shortSelector)
        #expect(!line.contains(0x0A))
        #expect(try TerminalText.unescaped(line).map { try UserName(selector: $0) } == name)
      }
    }
  }

  @Test func `of an external id is bare where that is clear`() {
    for (id, selector) in [("a:b", "a:b"), ("user:b", "external_id:user:b"), ("", "external_id:")] {
      #expect(UserName.externalID(Text(id)).shortSelector == Array(selector.utf8))
    }
    #expect(UserName.number(UserID(7)).shortSelector == Array("user:7".utf8))
  }
}

@Suite struct `A cohort path` {
  @Test func `ends its partner at the first slash`() throws {
    let cohort = try CohortName(path: "hightouch/vip/2026 \u{E9}")
    #expect(cohort == CohortName(partner: "hightouch", cohortID: "vip/2026 \u{E9}"))
    #expect(cohort.path == Array("hightouch/vip/2026 \u{E9}".utf8))
    let longest = String(repeating: "p", count: 64) + "/" + String(repeating: "c", count: 1024)
    #expect(try CohortName(path: longest).path == Array(longest.utf8))
  }

  @Test(arguments: [
    "", "/", "hightouch", "hightouch/", "/vip", "High/vip", "high touch/vip", "h\u{E9}/vip",
    "a/b\u{0}", String(repeating: "p", count: 65) + "/c",
    "p/" + String(repeating: "c", count: 1025),
  ]) func `is not`(_ text: String) {
    #expect(throws: SelectorError.notACohort(text)) { try CohortName(path: text) }
    #expect("\(SelectorError.notACohort(text))".contains(" is not a cohort. Write "))
  }
}
