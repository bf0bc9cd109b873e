import CohortModel
import CohortSync
import Testing

@Suite struct `The file of a sync` {
  static let full = """
    {"name":"repeat-buyers",
     "source":{"command":["sqlite3","-csv","shop.db","select 1"]},
     "primary_key":"customer_id",
     "match":{"external_id":"customer_id"},
     "destination":{"endpoint":"http://127.0.0.1:8080/","partner":"hightouch",
       "partner_api_key":{"env":"PARTNER_API_KEY"},"data_import_key":{"file":"import.key"},
       "read_key":{"env":"REST_KEY"}},
     "cohort":{"create":{"cohort_id":"repeat-buyers","name":"Repeat buyers"}},
     "removed_rows":"remove",
     "guard":{"max_removed_share":0.3,"allow_empty":false},
     "schedule":{"cron":"0 6 * * 1-5","time_zone":"Europe/Berlin"},
     "notify":{"webhook":"https://example.com/hook"}}
    """

  static func parse(_ text: String) throws(SyncFileError) -> SyncFile {
    try SyncFile(parsing: Array(text.utf8))
  }

  /// The full file with one piece replaced.
  static func changed(_ piece: String, _ other: String) throws -> SyncFile {
    let parts = full.split(separator: piece, omittingEmptySubsequences: false)
    #expect(parts.count == 2, "\(piece)")
    return try parse(parts.joined(separator: other))
  }

  static func message(_ piece: String, _ other: String) -> String {
    do {
      _ = try changed(piece, other)
      return ""
    } catch { return "\(error)" }
  }

  @Test func `is read with all that the contract has`() throws {
    let file = try Self.parse(Self.full)
    #expect(file.name == "repeat-buyers")
    #expect(file.source == .command(["sqlite3", "-csv", "shop.db", "select 1"]))
    #expect(file.match.kind == .externalID)
    #expect(file.destination.endpoint.text == "http://127.0.0.1:8080")
    #expect(file.destination.partnerAPIKey == .environment("PARTNER_API_KEY"))
    #expect(file.destination.dataImportKey == .file("import.key"))
    #expect(file.cohort.name == "Repeat buyers")
    #expect(file.removesRows)
    #expect(file.guard.maxRemovedShare?.description == "0.3")
    #expect(file.notify == .webhook("https://example.com/hook"))
    #expect(file.secretVariables == ["PARTNER_API_KEY", "REST_KEY"])
  }

  @Test func `may leave out what the contract lets it`() throws {
    let file = try Self.parse(
      """
      {"name":"n","source":{"csv":"a.csv"},"primary_key":"k",
       "match":{"alias":{"label":"email","name":"mail"}},
       "destination":{"endpoint":"https://rest.example.com","partner":"p",
         "partner_api_key":{"env":"A"},"data_import_key":{"env":"B"}},
       "cohort":{"update":"c"}}
      """)
    #expect(file.match.kind == .alias(label: "email") && file.match.column == "mail")
    #expect(file.cohort.name == nil && file.schedule == nil && file.notify == nil)
    #expect(file.removesRows && !file.guard.allowsEmpty && file.guard.maxRemovedShare == nil)
    #expect(file.destination.readKey == nil)
  }

  @Test(
    arguments: [
      ("\"name\":\"r", "\"nmae\":\"x\",\"name\":\"r", "nearest is 'name'"),
      ("\"primary_key\"", "\"primary_kye\"", "nearest is 'primary_key'"),
      ("{\"command\"", "{\"comand\"", "nearest is 'source.command'"),
      ("\"allow_empty\"", "\"alow_empty\"", "nearest is 'guard.allow_empty'"),
      ("\"endpoint\"", "\"end_point\"", "nearest is 'destination.endpoint'"),
      ("\"cohort_id\"", "\"cohortid\"", "nearest is 'cohort.create.cohort_id'"),
      ("\"time_zone\"", "\"timezone\"", "nearest is 'schedule.time_zone'"),
      ("\"webhook\"", "\"web_hook\"", "nearest is 'notify.webhook'"),
      ("{\"external_id\"", "{\"external_ids\"", "nearest is 'match.external_id'"),
      ("{\"file\"", "{\"fil\"", "nearest is 'destination.data_import_key.file'"),
      ("Europe/Berlin", "Europe/Berln", "nearest is 'Europe/Berlin'"),
    ])
  func `names the nearest known name`(_ piece: String, _ other: String, _ words: String) {
    #expect(Self.message(piece, other).contains(words))
  }

  @Test(
    arguments: [
      ("\"repeat-buyers\",\n", "\"../x\",\n"), ("\"repeat-buyers\",\n", "\".x\",\n"),
      ("\"repeat-buyers\",\n", "\"\",\n"), ("\"repeat-buyers\",\n", "\"a b\",\n"),
      ("0.3", "1.5"), ("0.3", "\"0.3\""), ("0.3", "1e-1"), ("0.3", "-0.3"),
      ("\"remove\"", "\"delete\""), ("0 6 * * 1-5", "0 6 * *"), ("0 6 * * 1-5", "61 6 * * *"),
      ("0 6 * * 1-5", "0 0 31 2 *"), ("http://127.0.0.1:8080/", "ftp://127.0.0.1"),
      ("http://127.0.0.1:8080/", "http://user:word@host"),
      ("http://127.0.0.1:8080/", "https://host/?key=1"),
      ("\"hightouch\"", "\"High Touch\""), ("[\"sqlite3\"", "[\"\""), ("[\"sqlite3\"", "[3"),
      ("\"create\":{", "\"update\":\"c\",\"create\":{"),
      ("\"cron\":\"0 6 * * 1-5\",", "\"every\":\"1h\",\"cron\":\"0 6 * * 1-5\","),
      ("\"cron\":\"0 6 * * 1-5\"", "\"every\":\"1h\""), ("false", "0"),
      ("\"customer_id\",\n", "\"\",\n"), ("\"customer_id\",\n", "null,\n"),
    ])
  func `refuses what makes no sense, in two sentences`(_ piece: String, _ other: String) {
    let message = Self.message(piece, other)
    #expect(message.contains(". "), "\(piece) -> \(other): \(message)")
  }

  @Test func `never repeats a key that stands in it`() {
    for other in ["\"dik-secret\"", "[\"dik-secret\"]", "{\"env\":[\"dik-secret\"]}"] {
      let message = Self.message("{\"env\":\"PARTNER_API_KEY\"}", other)
      #expect(!message.isEmpty && !message.contains("dik-secret"))
    }
  }

  @Test func `takes a share exactly as it is written`() throws {
    for (text, part, whole) in [("0.29", 29, 100), ("0.3", 3, 10), ("0.7", 7, 10), ("1", 5, 5)] {
      let share = try #require(Share(Array(text.utf8)))
      #expect(!share.isExceeded(by: part, of: whole))
      #expect(share.isExceeded(by: part + 1, of: whole))
    }
    #expect(try #require(Share(Array("0".utf8))).isExceeded(by: 1, of: .max))
  }

  @Test func `knows when keys would travel in the open`() throws {
    for text in ["http://127.0.0.1:80", "http://localhost", "http://[::1]:9", "https://a.example"] {
      #expect(try #require(Endpoint(text)).isExposed == false, "\(text)")
    }
    #expect(try #require(Endpoint("http://a.example/x")).isExposed)
    #expect(try #require(Endpoint("http://localhost.example")).isExposed)
    #expect(try #require(Endpoint("http://127.0.0.1.example")).isExposed)
    #expect(try #require(Endpoint("http://[::1].example")).isExposed)
  }

  @Test func `gets its keys from the environment and from files, without spaces around them`()
    throws
  {
    let source = SecretSource.environment("KEY")
    #expect(try source.read(in: ".", environment: ["KEY": " abc\n"]).bytes == Array("abc".utf8))
    for strange in ["", " \n", "a b", "a\u{1B}b"] {
      #expect(throws: SecretError.self) {
        try source.read(in: ".", environment: ["KEY": strange])
      }
    }
    #expect(throws: SecretError.noVariable("KEY")) { try source.read(in: ".", environment: [:]) }
    #expect(throws: SecretError.self) {
      try SecretSource.file("there-is-no-such-file").read(in: ".", environment: [:])
    }
    #expect("\(SecretText(Array("abc".utf8)))" == "(secret)")
    let redaction = Redaction([SecretText(Array("abc".utf8)), SecretText(Array("b".utf8))])
    #expect(redaction.apply("xabcabcb") == "x(secret)(secret)(secret)")
  }
}
