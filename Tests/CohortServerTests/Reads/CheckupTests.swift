import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortThreads
import CohortWire
import TestSupport
import Testing

/// When the log was last looked through, and what was found (FAULTS 33).
@Suite struct `The state of the house` {
  @Test func `tells of the last verification and of the last scrub`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let before = house.get("/ledger/status", key: key)
    #expect(before.json?["last_verify"]?.isNull == true)
    #expect(before.json?["last_scrub"]?.isNull == true)
    #expect(before.json?["replicas"]?.count == 0)
    #expect(!house.get("/metrics", key: key).text.contains("cohort_scrub"))

    let end = Int(house.shop.ledger.now.end.rawValue)
    _ = try house.shop.ledger.verify()
    let scrubber = Scrubber(house.shop.ledger)
    while scrubber.lastRound == nil { _ = try scrubber.step(bytes: 512) }
    try house.shop.create(["later"])
    let after = house.get("/ledger/status", key: key)
    for check in ["last_verify", "last_scrub"] {
      #expect(after.number(check, "position") == end)
      #expect(after.number(check, "findings") == 0)
      let time = try #require(after.string(check, "time").flatMap { Instant(text: $0) })
      #expect(time <= house.shop.ledger.now.instant)
    }
    #expect(house.get("/metrics", key: key).text.contains("\ncohort_scrub_findings 0\n"))
  }

  @Test func `tells of rot while everything else goes on`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.push("vip", add: ["nobody"])
    let rotten = house.shop.ledger.now.end
    try house.shop.create(["a"])
    let frame = try house.shop.ledger.log.reader.frame(containing: rotten).extent.header
      .fileOffset
    let file = try house.shop.disk.open("/ledger/events.log", .readAndWrite)
    try house.shop.disk.write([0x55].span, to: file, at: Int(frame) + 120)
    try house.shop.disk.close(file)

    let read = house.get("/ledger/requests/\(rotten.rawValue)", key: key)
    #expect(read.status == 500)
    #expect(read.message == "Log damaged")
    #expect(house.get("/metrics", key: key).text.contains("\ncohort_unreadable_total 1\n"))

    let told = Monitor<[Finding]>([])
    var pace = Scrubbing.Pace()
    (pace.bytes, pace.pause, pace.rest) = (512, 0, 0)
    let scrubbing = try Scrubbing(house.shop.ledger, pace) { finding in
      told.change { $0.append(finding) }
    }
    let found = told.wait { $0.first { $0.bytes?.contains(frame) == true } }
    #expect(found != nil)
    scrubbing.end()
    #expect(house.get("/ledger/cohorts", key: key).status == 200)
    try house.shop.create(["b"])
  }
}
