import CohortSync
import Foundation
import Testing

@Suite struct `The rows of a source` {
  static func read(
    _ text: String, _ syntax: Rows.Syntax? = nil, cut: Int = .max
  ) throws -> Model {
    var rows = Rows(syntax, keyColumn: "id", identifierColumn: "mail")
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, cut == .max ? bytes.count : start + cut)
      try rows.push(Array(bytes[start..<end]))
      start = end
    }
    return try rows.finish()
  }

  static func pairs(_ model: Model) -> [String] {
    (0..<model.identifiers.count).map { rank in
      String(decoding: model.identifiers.key(rank), as: UTF8.self) + "="
        + String(decoding: model.identifiers[rank], as: UTF8.self)
    }
  }

  static let table = "id,x,mail\r\n1,a,\"b,\"\"1\"\r\n2,é,\n3,c,a\n"
  static let objects = """

    {"id":1,"mail":"b,\\"1","x":[]}
    {"id":"2","mail":null}
      {"mail":"a","id":3e0}
    """

  @Test(arguments: [1, 2, 3, 7, .max])
  func `are the same as CSV and as NDJSON, wherever the stream is cut`(_ cut: Int) throws {
    for text in [Self.table, Self.objects] {
      let model = try Self.read(text, cut: cut)
      #expect(Self.pairs(model) == ["3=a", "1=b,\"1"])
      #expect(model.rowCount == 3)
      #expect(model.withoutIdentifier == [Array("2".utf8)])
    }
  }

  @Test func `are none if nothing comes, and if only a header does`() throws {
    #expect(try Self.read("").rowCount == 0)
    #expect(try Self.read(" \n \n").rowCount == 0)
    #expect(try Self.read("id,mail\n").rowCount == 0)
    #expect(throws: SourceError.self) { try Self.read("", .csv) }
    #expect(try Self.read("", .ndjson).rowCount == 0)
  }

  @Test func `stop at what is not understood, with its place`() {
    for (text, words) in [
      ("id,male\n1,2\n", "no column 'mail'; the nearest is 'male'"),
      ("id,mail\n1\n", "Line 2"), ("id,mail\n1,\"x\n", "inside a quoted field"),
      ("{\"id\":1,\"mail\":\"a\"}\n[]\n", "Line 2 of the source"),
      ("{\"id\":1,\"mail\":\"a\"}\n{\"id\":\n", "Line 2 of the source"),
      ("{\"id\":1,\"maill\":\"a\"}\n", "the nearest is 'maill'"),
      ("{\"id\":1,\"id\":1}\n", "already has"),
      ("{\"mail\":\"a\"}\n", "row 1 lacks the field"),
      ("{\"id\":true,\"mail\":\"a\"}\n", "row 1 has neither"),
      ("{\"id\":1,\"mail\":\"a\"}\n{\"id\":\"1\",\"mail\":\"b\"}", "row 2 repeats that of row 1"),
    ] {
      let error = #expect(throws: SourceError.self) { try Self.read(text) }
      #expect("\(error as Any)".contains(words), "\(text): \(error as Any)")
    }
  }

  // MARK: Commands

  static func run(_ script: String, withholding: Set<String> = []) throws -> Model {
    let text = """
      {"name":"n","source":{"command":["sh","-c",\(quoted(script))]},"primary_key":"id",
       "match":{"external_id":"mail"},
       "destination":{"endpoint":"https://a.example","partner":"p",
         "partner_api_key":{"env":"A"},"data_import_key":{"env":"B"}},"cohort":{"update":"c"}}
      """
    return try Model.read(
      SyncFile(parsing: Array(text.utf8)), in: "/", withholding: withholding, stop: StopSign()
    ) { _ in }
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
      + "\""
  }

  @Test func `of a command count only if it ends well`() throws {
    #expect(Self.pairs(try Self.run("echo id,mail; echo 1,a")) == ["1=a"])
    #expect(Self.pairs(try Self.run("echo '{\"id\":1,\"mail\":\"a\"}'")) == ["1=a"])
    for (script, expected) in [
      ("echo id,mail; echo 1,a; exit 3", SourceError.failed(program: "sh", code: 3)),
      ("echo id,mail; echo 1,a; kill -9 $$", .killed(program: "sh", signal: 9)),
      ("echo 'id,mail'; printf 1; exit 1", .failed(program: "sh", code: 1)),
    ] {
      let error = #expect(throws: SourceError.self) { try Self.run(script) }
      #expect(error == expected)
    }
  }

  @Test func `of a command come from the folder of the file, without the keys`() throws {
    unsafe setenv("COHORT_TEST_KEY", "word", 1)
    defer { unsafe unsetenv("COHORT_TEST_KEY") }
    let open = try Self.run("printf 'id,mail\\\\n%s,x%s\\\\n' \"$(pwd)\" \"$COHORT_TEST_KEY\"")
    #expect(Self.pairs(open) == ["/=xword"])
    let closed = try Self.run(
      "printf 'id,mail\\\\n%s,x%s\\\\n' \"$(pwd)\" \"$COHORT_TEST_KEY\"",
      withholding: ["COHORT_TEST_KEY"])
    #expect(Self.pairs(closed) == ["/=x"])
  }

  @Test func `of a command that does not exist are an error`() {
    let error = #expect(throws: SourceError.self) {
      try CommandBytes(["there-is-no-such-program"], in: "/", withholding: [])
    }
    #expect("\(error as Any)".contains("cannot be started"))
  }
}
