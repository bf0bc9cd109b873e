import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import TestSupport

/// The logs that are frozen, by name.
let stories: [(name: String, write: @Sendable () throws -> [UInt8])] = [
  ("nothing", { try nothing() }),
  ("every-event", { try everyEvent() }),
  ("torn-tail", { try tornTail() }),
  ("damaged-middle", { try damagedMiddle() }),
  ("erased-person", { try erasedPerson() }),
]

/// A ledger that was begun and closed.
private func nothing() throws -> [UInt8] {
  let story = try Story(seed: 1)
  try story.ledger.close()
  return try story.bytes()
}

/// At least one event of each kind, a receipt, and a filter with every leaf.
private func everyEvent() throws -> [UInt8] {
  let story = try Story(seed: 2)
  try story.admitPartner()
  try story.submit(
    .importUsers([
      ImportLine(line: 1, externalID: "ada", aliases: [Alias(label: "email", name: "ada@a.org")]),
      ImportLine(line: 2, externalID: "bob", devices: ["phone-2"]),
      ImportLine(line: 3, externalID: "cleo"),
      ImportLine(line: 4, externalID: nil, aliases: [Alias(label: "email", name: "d@d.org")]),
      ImportLine(line: 5, externalID: nil, devices: ["phone-5"]),
      ImportLine(line: 6, externalID: "frieda"),
    ]))
  try story.submit(
    .nameCohort(
      NameCohort(
        cohort: Story.name("vip"), name: "VIP", createdAt: Instant(microseconds: 1_700_000_000))))
  try story.push("vip", add: ["ada", "bob", "cleo", "nobody"], "import-1")
  try story.push("vip", add: ["ada"], remove: ["cleo", "frieda"])
  try story.push("tea", add: ["bob", "frieda"])
  try changeIdentities(in: story)
  try changeCohorts(in: story)
  try send(from: story)
  try leave(story)
  try story.ledger.close()
  return try story.bytes()
}

private func changeIdentities(in story: Story) throws {
  try story.submit(
    .addAliases([AddAlias(externalID: "bob", alias: Alias(label: "email", name: "b@b.org"))]))
  try story.submit(
    .updateAliases([UpdateAlias(label: "email", oldName: "b@b.org", newName: "bob@b.org")]))
  try story.submit(.renameExternalIDs([RenameExternalID(current: "cleo", new: "cleopatra")]))
  try story.submit(.removeExternalIDs(["cleo"]))
  try story.submit(
    .identifyUsers([
      IdentifyUser(externalID: "dora", user: .alias(Alias(label: "email", name: "d@d.org")))
    ]))
  try story.submit(
    .mergeUsers([MergeUsers(merge: .externalID("bob"), keep: .externalID("dora"))]))
}

private func changeCohorts(in story: Story) throws {
  try story.submit(.archiveCohort(Story.name("tea")))
  try story.submit(.restoreCohort(Story.name("tea")))
  guard let day = Period(seconds: 86_400) else { throw GoldenError("a day is a period") }
  let (vip, tea) = (Story.name("vip"), Story.name("tea"))
  try story.submit(
    .saveSegment(
      SaveSegment(
        name: "Tea drinkers", description: "Not yet served", tags: ["hot"],
        filter: .and([
          .or([
            .includes(partner: "hightouch", ["vip", "tea"]), .entered(vip, within: day),
            .left(vip, within: day),
          ]),
          .not(.memberFor(tea, atLeast: day)),
          .not(.memberAsOf(vip, .position(Position(3)))),
          .not(.memberAsOf(vip, .instant(Instant(microseconds: 1_767_268_800_000_000)))),
        ]))))
  try story.submit(
    .saveSegment(
      SaveSegment(
        name: "Others",
        filter: .or([.segment("segment:1"), .excludes(partner: "hightouch", ["vip"])]))))
  try story.submit(.archiveSegment(SegmentID(2)))
  try story.submit(.restoreSegment(SegmentID(2)))
}

private func send(from story: Story) throws {
  for kind in CampaignKind.allCases {
    try story.submit(
      .saveCampaign(
        SaveCampaign(
          kind: kind, name: "Tea time", description: "", tags: ["tea", "hot"],
          audience: SaveCampaign.NamedAudience(
            segments: ["segment:1"], filter: .excludes(partner: "hightouch", ["tea"])))))
  }
  let campaign = CampaignReference(kind: .campaign, number: 1)
  let users: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0]
  try story.submit(
    .freezeAudience(
      FreezeAudience(
        campaign: campaign, version: 1, position: story.ledger.now.end,
        instant: Instant(microseconds: story.clock.wall),
        segments: [SegmentVersion(segment: SegmentID(1), version: 1)],
        audience: Audience(segments: [SegmentID(1)], filter: .excludes([CohortID(2)])),
        size: 1, digest: SHA256.digest(users.span))))
  try story.submit(.archiveCampaign(campaign))
  try story.submit(.restoreCampaign(campaign))
}

private func leave(_ story: Story) throws {
  try story.submit(.deleteUsers([.externalID("frieda")], erase: nil))
  story.pass()
  _ = try story.ledger.erase(.externalID("dora"))
  story.pass()
  _ = try story.ledger.forgetUnmatched(before: Instant(microseconds: story.clock.wall))
  try story.submit(
    .noteRecovery(
      Recovered(
        offset: 4_096, size: 160, digest: SHA256.digest([1].span), mayHaveBeenAcknowledged: true)))
  try story.submit(
    .noteRestoration(
      Restored(
        cut: Position(3), head: Position(5), root: SHA256.digest([2].span), acceptedLoss: false)))
  let network = Network(address: NetworkAddress(ipv4: 0x0A00_0000), prefix: 104)
  try story.submit(
    .issueKey(
      IssueKey(
        kind: .rest, partner: nil, label: "auditor",
        permissions: Permissions([Permission.ledgerRead, .ledgerPeople]),
        networks: network.map { [$0] } ?? [],
        expiresAt: Instant(microseconds: 1_800_000_000_000_000),
        digest: SHA256.digest(Array("rk-golden".utf8).span))))
  try story.submit(.invalidateKey(KeyID(3)))
  try story.submit(.disablePartner("hightouch"))
}

/// A few frames, unsealed.
private func fewFrames(seed: UInt64) throws -> (story: Story, ends: [Int]) {
  let story = try Story(seed: seed)
  try story.admitPartner()
  var ends: [Int] = []
  for round in 0..<4 {
    try story.create("first-\(round)", "second-\(round)")
    try story.push("vip", add: ["first-\(round)", "stranger-\(round)"])
    ends.append(Int(story.ledger.log.chain.next))
  }
  return (story, ends)
}

/// A crash in the middle of the last write: its frame is cut off half-way.
private func tornTail() throws -> [UInt8] {
  let (story, ends) = try fewFrames(seed: 3)
  try story.push("vip", add: ["second-0"], remove: ["first-0"])
  let bytes = try story.bytes()
  let last = ends[ends.count - 1]
  try story.ledger.close()
  return Array(bytes.prefix(last + (bytes.count - last) / 2))
}

/// One bit has turned in a frame that others stand behind.
private func damagedMiddle() throws -> [UInt8] {
  let (story, ends) = try fewFrames(seed: 4)
  try story.ledger.close()
  var bytes = try story.bytes()
  bytes[ends[1] + 120] ^= 1
  return bytes
}

/// A person who had several names and was mentioned before anybody knew her, erased.
private func erasedPerson() throws -> [UInt8] {
  let story = try Story(seed: 5)
  try story.admitPartner()
  try story.push("vip", add: ["grace", "heidi"])
  try story.create("grace", "heidi", "ivy")
  try story.push("vip", add: ["grace", "heidi"], "import-2")
  try story.submit(
    .addAliases([AddAlias(externalID: "grace", alias: Alias(label: "email", name: "g@g.org"))]))
  try story.submit(.renameExternalIDs([RenameExternalID(current: "grace", new: "grace-2")]))
  story.pass()
  _ = try story.ledger.erase(.externalID("grace-2"))
  try story.push("vip", remove: ["heidi"])
  try story.ledger.close()
  return try story.bytes()
}
