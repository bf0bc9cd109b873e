import CohortLedger
import CohortModel
import Testing

@testable import cohort

/// Every command that a server carries out, beside the same one without a server.
@Suite struct ServedCommandTests {
  /// One after the other; `KEY` and `SECRET` stand for what the first two have printed, `FILE` for
  /// the input in a file, and `NEW` for a folder that does not exist.
  private static let writing: [(line: String, input: String)] = [
    ("keys issue data-import --partner hightouch --label warehouse", ""),
    ("users import -", "external_id,device_id\nana,d1\nbea,d2\ncem,d3\n\"dö\u{1B}\",d4\n"),
    ("users import FILE --json", "{\"external_id\":\"eve\"}\n{\"external_id\":7}\n"),
    ("import FILE", vip + out),
    ("import - --results", vip + "{\"path\":\"/nowhere\",\"body\":{}}\n"),
    ("users apply FILE", "{\"path\":\"/users/identify\",\"body\":{\"aliases_to_identify\":[]}}\n"),
    ("segments create FILE", segment), ("segments create - --json", segment),
    ("segments update FILE", "{\"segment_id\":\"segment:1\",\"name\":\"These\"}"),
    ("segments archive segment:2", ""), ("segments restore segment:2", ""),
    ("campaigns create FILE", campaign), ("canvases create -", campaign),
    ("campaigns update FILE", "{\"campaign_id\":\"campaign:1\",\"name\":\"Winter\"}"),
    ("canvases update FILE", "{\"canvas_id\":\"canvas:1\",\"name\":\"Winter\"}"),
    ("campaigns launch campaign:1 --idempotency-key one", ""),
    ("campaigns launch campaign:1 --idempotency-key one --json", ""),
    ("canvases launch canvas:1", ""), ("campaigns archive campaign:1", ""),
    ("campaigns restore campaign:1", ""), ("canvases archive canvas:1", ""),
    ("canvases restore canvas:1 --json", ""), ("cohorts archive hightouch/out", ""),
    ("cohorts restore hightouch/out", ""), ("erase cem", ""), ("erase nobody", ""),
    ("forget-unmatched --before 2020-01-01T00:00:00Z", ""),
    ("partners disable hightouch", ""), ("partners enable hightouch --json", ""),
    ("keys invalidate key:2", ""), ("keys invalidate key:99", ""),
    ("partners enable braze --partner-api-key-file FILE", "abcdefghijklmnopqrstuvwxyz-123456\n"),
    ("import missing.ndjson", ""), ("import -", ""),
  ]

  private static let vip = change("vip", "\"ana\",\"bea\",\"cem\",\"nobody\"")
  private static let out = change("out", "\"bea\"")

  private static func change(_ cohort: String, _ users: String) -> String {
    "{\"path\":\"/partners/hightouch/cohorts/users\",\"body\":{\"partner_api_key\":\"KEY\","
      + "\"client_secret\":\"SECRET\",\"cohort_id\":\"\(cohort)\","
      + "\"cohort_changes\":[{\"user_ids\":[\(users)]}]}}\n"
  }

  private static let segment =
    "{\"name\":\"Mail these\",\"filter\":{\"cohorts\":{\"partner\":\"hightouch\",\"includes\":[\"vip\"]}}}"
  private static let campaign = "{\"name\":\"Autumn\",\"audience\":{\"segments\":[\"segment:1\"]}}"

  private static let reading: [(line: String, input: String)] = [
    ("partners list", ""), ("keys list", ""), ("users show ana", ""), ("users show nobody", ""),
    ("cohorts list", ""), ("members hightouch/vip", ""), ("members hightouch/vip --as-of 9", ""),
    ("members hightouch/vap", ""), ("diff hightouch/vip --from 1 --to 12", ""),
    ("why ana hightouch/vip", ""), ("why bea segment:1", ""), ("history external_id:ana", ""),
    ("segments list", ""), ("segments show segment:1", ""), ("segments members segment:1", ""),
    ("segments preview FILE", segment), ("segments preview -", segment),
    ("campaigns list", ""), ("campaigns show campaign:1", ""), ("canvases list", ""),
    ("canvases show canvas:1", ""), ("audiences show send:1", ""),
    ("audiences verify send:1", ""), ("log", ""), ("log --after 4 --to 9", ""), ("replay", ""),
    ("replay --digest --every 3", ""), ("replay --to 9999", ""), ("verify", ""),
    ("prove hightouch/vip ana", ""), ("backup NEW", ""), ("backup /", ""),
    ("export changes NEW", ""), ("export changes NEW --format csv", ""), ("status", ""),
    ("log --after x", ""), ("log --help", ""), ("logg", ""),
  ]

  @Test func `every command of the table is tried`() throws {
    let tried = Set(
      (Self.writing + Self.reading).compactMap { line, _ in
        try? Arguments.command(
          of: line.split(separator: " ").map(String.init), in: CommandTable.all
        ).0.name
      })
    for command in CommandTable.all where command.besideServer == .inServer {
      #expect(tried.contains(command.name), "\(command.name)")
    }
  }

  @Test func `a command that reads answers byte for byte as without a server`() throws {
    let house = try TerminalHouse()
    _ = try lead(house, Self.writing)
    let lines = Self.reading + Self.reading.map { ($0.line + " --json", $0.input) }
    let alone = try lead(house, lines)
    let (server, ledger) = try house.serve()
    let served = try lead(house, lines)
    server.stop()
    try ledger.close()
    for (line, (alone, served)) in zip(lines, zip(alone, served)) {
      #expect(Self.withoutNow(served) == Self.withoutNow(alone), "\(line.line)")
    }
  }

  @Test func `a command that writes does and says the same as without a server`() throws {
    let alone = try TerminalHouse()
    let served = try TerminalHouse()
    let expected = try lead(alone, Self.writing)
    let (server, ledger) = try served.serve()
    let found = try lead(served, Self.writing)
    server.stop()
    try ledger.close()
    for (line, (expected, found)) in zip(Self.writing, zip(expected, found)) {
      #expect(Self.masked(found) == Self.masked(expected), "\(line.line)")
    }
    let digests = ["replay", "members hightouch/vip --json", "users show ana", "cohorts list"]
    for line in digests {
      let (one, other) = (try alone.run(line), try served.run(line))
      #expect(Self.masked(one) == Self.masked(other), "\(line)")
    }
  }

  /// Runs command lines in a house, after a partner was enabled in it.
  private func lead(
    _ house: borrowing TerminalHouse, _ lines: [(line: String, input: String)]
  ) throws -> [TerminalHouse.Run] {
    var (key, secret) = ("", "")
    if !lines[0].line.hasPrefix("partners list") {
      key = try house.run("partners enable hightouch").output.filter { $0 != "\n" }
    }
    var runs: [TerminalHouse.Run] = []
    for (index, (line, input)) in lines.enumerated() {
      let input = input.replacing("KEY", with: key).replacing("SECRET", with: secret)
      let file = try house.write(input, to: "file")
      let new = "\(house.path)/new"
      let words = line.split(separator: " ").map {
        String($0).replacing("FILE", with: file).replacing("NEW", with: new)
      }
      let run = try house.run(words, input: input)
      if index == 0 { secret = run.output.filter { $0 != "\n" } }
      runs.append(run)
      Folders.remove(new)
    }
    return runs
  }

  /// Without what says when a command ran.
  private static func withoutNow(_ run: TerminalHouse.Run) -> TerminalHouse.Run {
    TerminalHouse.Run(
      code: run.code,
      output:
        run.output.replacing(/"as_of":\{"position":(\d+),"time":"[^"]*"/) { "as_of \($0.1)" }
        .replacing(/(?m)^(time|free bytes)\t.*$/, with: "")
        .replacing(/"(free_bytes|clock_lead)":\d+/, with: "")
        // A check through the server is remembered as long as it runs.
        .replacing(/"last_verify":(null|\{[^}]*\})/, with: ""),
      words: run.words)
  }

  /// Without what no two ledgers have in common.
  private static func masked(_ run: TerminalHouse.Run) -> TerminalHouse.Run {
    func masked(_ text: String) -> String {
      text.replacing(/\d{4}-\d\d-\d\dT[\d:.]+Z/, with: "TIME")
        .replacing(/[0-9a-f]{32,64}/, with: "DIGEST")
        .replacing(/(dik|rest|pak)-[\w-]{20,}/, with: "SECRET")
        .replacing(/[\w-]{40,}/, with: "SECRET")
        .replacing(/'[^']*\/ledger'/, with: "LEDGER")
        .replacing(/'[^']*\/file'/, with: "FILE")
        .replacing(/A new ledger was begun in [^\n]*\n/, with: "")
    }
    return TerminalHouse.Run(
      code: run.code, output: masked(run.output), words: masked(run.words))
  }
}
