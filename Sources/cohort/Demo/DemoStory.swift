import CohortLedger
import CohortModel
import CohortWire

/// What happens to the shop in four weeks, and what can be asked about it afterwards.
struct DemoStory {
  let shop: DemoShop
  /// Takes one line of text.
  let say: (String) -> Void

  func tell() throws {
    let monday = try firstWeek()
    try secondWeek()
    let send = try thirdWeek()
    try fourthWeek()
    try ask(about: monday, send)
  }

  private func title(_ text: String) {
    say("")
    say("\(day(shop.ledger.now.instant))  \(text)")
  }

  private func day(_ instant: Instant) -> String { String(instant.rfc3339.prefix(10)) }

  private func report(_ what: String, _ committed: Committed) {
    var words = "  \(committed.position)  \(what)"
    if case .changedMembers(let counts, _) = committed.answer {
      let told = Outcome.allCases.filter { counts[$0] > 0 }.map { "\(counts[$0]) \($0.name)" }
      words += ": " + told.joined(separator: ", ")
    }
    say(words)
  }

  private func firstWeek() throws -> Instant {
    title("The shop opens. Its warehouse may push cohorts through the partner 'hightouch'.")
    let ids = ["ana", "bea", "cem", "dan", "eva", "finn", "gil", "hana"]
    try shop.createUsers(ids)
    say("  \(shop.ledger.now.end)  \(ids.count) customers: \(ids.joined(separator: ", "))")
    try shop.name("repeat-buyers", "Repeat buyers")
    try shop.name("big-spenders", "Big spenders")
    report(
      "repeat-buyers ← ana, bea, cem", try shop.push("repeat-buyers", enter: ["ana", "bea", "cem"]))
    report(
      "big-spenders ← bea, zoe, who is nobody's id here",
      try shop.push("big-spenders", enter: ["bea", "zoe"]))
    return shop.ledger.now.instant
  }

  private func secondWeek() throws {
    shop.clock.advance(days: 7)
    title("Bea buys no more, Dan does. The warehouse sends the differences.")
    report(
      "repeat-buyers → bea, ← dan, ana",
      try shop.push("repeat-buyers", enter: ["dan", "ana"], leave: ["bea"]))
    report("big-spenders ← dan, eva", try shop.push("big-spenders", enter: ["dan", "eva"]))
    shop.clock.advance(days: 2)
    title("Cem turns out to be Hana under an old id: the two are merged.")
    report(
      "cem merged into hana",
      try shop.submit(
        .mergeUsers([MergeUsers(merge: .externalID("cem"), keep: .externalID("hana"))])))
  }

  private func thirdWeek() throws -> SendID {
    shop.clock.advance(days: 5)
    title("A campaign goes to repeat buyers who are not big spenders.")
    let filter = NamedFilter.and([
      .includes(partner: "hightouch", ["repeat-buyers"]),
      .excludes(partner: "hightouch", ["big-spenders"]),
    ])
    report(
      "segment:1 'Loyal, small baskets'",
      try shop.submit(.saveSegment(SaveSegment(name: "Loyal, small baskets", filter: filter))))
    let audience = SaveCampaign.NamedAudience(segments: ["segment:1"], filter: nil)
    try shop.submit(
      .saveCampaign(SaveCampaign(kind: .campaign, name: "Autumn", audience: audience)))
    let campaign = CampaignReference(kind: .campaign, number: 1)
    let idempotency = Idempotency(key: Array("autumn-1".utf8), fingerprint: .zero)
    let launched = try shop.ledger.launch(campaign, by: .local, idempotency)
    guard case .frozeAudience(let send) = launched.answer,
      let audience = try shop.ledger.audience(of: send)
    else { return SendID(0) }
    report("launched: \(audience.view.names(audience.view.page(of: audience.users)))", launched)
    return send
  }

  private func fourthWeek() throws {
    shop.clock.advance(days: 7)
    title("Ana leaves the cohort; Eva asks to be forgotten.")
    report("repeat-buyers → ana", try shop.push("repeat-buyers", leave: ["ana"]))
    let receipt = try shop.ledger.erase(.externalID("eva"))
    say(
      "  \(receipt.position)  eva erased: \(receipt.textCount) text zeroed in the log, "
        + "root \(receipt.root.description.prefix(12))… unchanged")
  }
}
