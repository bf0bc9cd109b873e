import CohortLedger
import CohortServer
import Testing

@testable import cohort

@Suite struct `The command that prints a link to the console` {
  @Test func `prints another one each time, through the server only`() throws {
    let house = try TerminalHouse()
    let (server, ledger) = try house.serve()
    var links: Set<String> = []
    for _ in 0..<5 {
      let run = try house.run("console")
      #expect(run.code == .done && run.words.isEmpty)
      #expect(run.output.hasPrefix("http://127.0.0.1:8080/#sign-in="))
      links.insert(run.output)
    }
    #expect(links.count == 5)
    server.stop()
    try ledger.close()
    let alone = try house.run("console")
    #expect(alone.code == .refused && alone.output.isEmpty)
    #expect(alone.words.contains("Start one with 'cohort serve'."))
  }

  @Test func `says so while nothing listens`() throws {
    let house = try TerminalHouse()
    let ledger = try Ledger.open(house.storage, for: .create)
    let server = ControlServer(folder: house.storage, ledger: ledger)
    try server.start()
    let run = try house.run("console")
    #expect(run.code == .refused && run.words.contains("does not listen yet"))
    server.stop()
    try ledger.close()
  }
}
