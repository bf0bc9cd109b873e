import CohortModel
import TestSupport
import Testing

/// What the comparison has found once, as short as it can be told.
@Suite struct `The state of a ledger, once found wrong,` {
  func disagreement(_ commands: [Command]) -> String? {
    Comparison.disagreement(
      on: GeneratedScript(
        commands.enumerated().map {
          GeneratedStep(
            command: $0.element, time: Instant(microseconds: 1_800_000_000 + Int64($0.offset)))
        }))
  }

  @Test(arguments: [nil, 0x0A00_0001, 0xC0A8_0001] as [UInt32?])
  func `admits a partner only from the networks of both its keys`(address: UInt32?) throws {
    let code: Text = "hightouch"
    let network = try #require(Network("10.0.0.0/8"))
    let (partnerKey, dataImportKey) = (Digest(0, 0, 0, 1), Digest(0, 0, 0, 2))
    let author = Author.partner(
      PartnerCredentials(
        code: code, partnerKey: partnerKey, dataImportKey: dataImportKey,
        address: address.map { NetworkAddress(ipv4: $0) }))
    var wishes: [Wish] = [
      .enablePartner(EnablePartner(code: code, displayName: nil, key: .none)),
      .issueKey(
        IssueKey(kind: .dataImport, partner: code, label: "warehouse", digest: dataImportKey)),
    ]
    var issue = IssueKey(kind: .partner, partner: code, label: "pushes", digest: partnerKey)
    issue.networks = [network]
    wishes.append(.issueKey(issue))
    #expect(
      disagreement(
        wishes.map { Command(author: .local, wish: $0) } + [
          Command(
            author: author,
            wish: .changeMembers(
              ChangeMembers(
                cohort: CohortName(partner: code, cohortID: "vip"), buffer: [], changes: [],
                wantsResults: false)))
        ]) == nil)
    var state = LedgerState(hashSeed: 1)
    for wish in wishes {
      var draft = Draft(at: Instant(microseconds: 1))
      _ = try state.perform(Command(author: .local, wish: wish), into: &draft)
    }
    if address == 0x0A00_0001 {
      #expect(try state.check(author, at: Instant(microseconds: 2)) == KeyID(1))
    } else {
      #expect(throws: Refusal.unauthorizedNetwork) {
        try state.check(author, at: Instant(microseconds: 2))
      }
    }
  }
}
