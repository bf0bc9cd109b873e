import CohortLedger
import CohortModel
import CohortWire

// What no black box answers.
extension DemoStory {
  func ask(about monday: Instant, _ send: SendID) throws {
    say("")
    say("Questions about the past")
    let ledger = shop.ledger
    let now = ledger.now
    let cohort = try now.state.find(DemoShop.path("repeat-buyers"))

    question("cohort members hightouch/repeat-buyers --as-of \(monday.rfc3339)")
    let then = try ledger.view(asOf: .instant(monday))
    answer(then.names(try then.members(of: cohort)))
    question("… --identity now        the same people, as they are known today")
    answer(then.names(try then.members(of: cohort, identity: .now)))
    question("cohort members hightouch/repeat-buyers")
    answer(now.names(try now.members(of: cohort)))

    question("cohort why external_id:hana hightouch/repeat-buyers")
    if let hana = now.user(.externalID("hana")) {
      for line in lines(try now.why(hana, cohort)) { answer(line) }
    }
    question("cohort why external_id:zoe hightouch/big-spenders")
    let spenders = try now.state.find(DemoShop.path("big-spenders"))
    for line in lines(try now.why(.externalID(PersonalText("zoe")), spenders)) { answer(line) }

    question("cohort diff hightouch/repeat-buyers --from \(monday.rfc3339)")
    let difference = try now.difference(from: then, of: cohort)
    answer("entered: \(now.names(now.page(of: difference.added)))")
    answer("left: \(then.names(then.page(of: difference.removed)))")

    question("cohort audiences verify \(send)")
    if let audience = try ledger.audience(of: send) {
      answer(
        "\(audience.record.frozen.size) recipients as of \(audience.record.frozen.position), "
          + "computed again: \(audience.isAsFrozen ? "the same digest" : "ANOTHER DIGEST")")
    }
    question("the sizes of hightouch/repeat-buyers, week by week")
    let sizes = try now.sizes(of: cohort, from: monday, to: now.instant, points: 4)
    answer(sizes.map { "\($0.time.rfc3339.prefix(10)): \($0.size)" }.joined(separator: "   "))
  }

  private func question(_ text: String) { say("\n  ? \(text)") }

  private func answer(_ text: String) { say("    \(text)") }

  private func lines(_ reason: CohortReason) -> [String] {
    func told(_ event: ReasonEvent) -> String {
      "\(event.position) of \(event.time.rfc3339.prefix(10)) by \(event.key)"
    }
    switch reason.finding {
    case .member(let merges, let origins):
      return merges.map { "merged in with \($0.user?.description ?? "?") at \(told($0))" }
        + origins.map { "sent by the import \(told($0))" }
    case .unmatched:
      return reason.mentions.map { "sent, but \($0.reason): \(told($0.event))" }
    case .neverSent: return ["never sent"]
    case .removed(let event): return ["removed by the import \(told(event))"]
    case .leftByDeletion(let event): return ["left by deletion \(told(event))"]
    case .mergedInto(let user, let event): return ["merged into \(user) at \(told(event))"]
    case .cohortDidNotExist: return ["the cohort did not exist"]
    }
  }
}
