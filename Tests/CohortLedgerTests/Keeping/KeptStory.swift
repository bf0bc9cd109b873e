import CohortFormat
import CohortLog
import CohortModel
import TestSupport

@testable import CohortLedger

/// A ledger with every kind of event, in a log of some sixty.
struct KeptStory {
  let shop: TestShop
  /// The state behind each position, the empty one first.
  let states: [LedgerState]

  static let folder = "/ledger"
  static let log = "/ledger/events.log"

  var disk: SimulatedDisk { shop.disk }
  var ledger: Ledger { shop.ledger }
  var end: Position { Position(UInt64(states.count - 1)) }

  /// Tells the story; the seed is that of nonces, epochs and the ledger's id.
  init(seed: UInt64 = 1) throws {
    shop = try TestShop(seed: seed)
    try Self.tell(shop)
    try shop.restart()
    states = try Self.fold(shop.ledger)
  }

  /// The states behind all positions of a ledger, by applying one event after another.
  static func fold(_ ledger: Ledger) throws -> [LedgerState] {
    var states = [LedgerState(hashSeed: 0)]
    try ledger.now.forEachEvent(after: .origin) { decoded, _ in
      var next = states[states.count - 1]
      next.apply(decoded.recorded)
      states.append(next)
      return true
    }
    return states
  }

  private static func tell(_ shop: TestShop) throws {
    let lapsed: Text = "segment"
    func digest(_ text: String) -> Digest { SHA256.digest(Array(text.utf8).span) }
    try shop.create(["ada", "bob", "cyd", "dan", "eve", "fay"])
    try shop.submit(
      .enablePartner(EnablePartner(code: lapsed, displayName: "Segment", key: .learned)))
    try shop.submit(
      .issueKey(IssueKey(kind: .rest, partner: nil, label: "reader", digest: digest("rk-1"))))
    try shop.submit(
      .nameCohort(
        NameCohort(
          cohort: CohortName(partner: TestShop.partner, cohortID: "vip"), name: "VIP",
          createdAt: Instant(microseconds: 1))))
    try shop.push("vip", add: ["ada", "bob", "cyd", "zoe@example.org"])
    try shop.push("new", add: ["dan", "eve", "ada", "gus@example.org"], remove: ["bob"])
    try shop.submit(
      .addAliases([AddAlias(externalID: "ada", alias: Alias(label: "email", name: "ada@a.org"))]))
    try shop.submit(.addAliases([AddAlias(externalID: nil, alias: Alias(label: "tel", name: "7"))]))
    try shop.submit(
      .updateAliases([UpdateAlias(label: "email", oldName: "ada@a.org", newName: "ada@b.org")]))
    try shop.submit(
      .identifyUsers([
        IdentifyUser(externalID: "hal", user: .alias(Alias(label: "tel", name: "7")))
      ]))
    try shop.submit(.trackUsers([TrackItem(device: "phone-1")]))
    try shop.submit(.renameExternalIDs([RenameExternalID(current: "bob", new: "robert")]))
    let segment = NamedFilter.includes(partner: TestShop.partner, ["vip"])
    try shop.submit(.saveSegment(SaveSegment(name: "Best", filter: segment)))
    try shop.submit(.saveSegment(SaveSegment(segment: SegmentID(1), description: "The best")))
    try shop.submit(
      .saveCampaign(
        SaveCampaign(
          kind: .campaign, name: "Hello", audience: .init(segments: ["segment:1"], filter: nil))))
    let seen = shop.ledger.now
    try shop.submit(
      .freezeAudience(
        FreezeAudience(
          campaign: CampaignReference(kind: .campaign, number: 1), version: 1,
          position: seen.position, instant: seen.instant,
          segments: [SegmentVersion(segment: SegmentID(1), version: 2)],
          audience: Audience(segments: [SegmentID(1)], filter: nil), size: 0,
          digest: digest("nobody"))))
    try shop.submit(
      .mergeUsers([MergeUsers(merge: .externalID("cyd"), keep: .externalID("ada"))]),
      Idempotency(key: Array("merge-1".utf8), fingerprint: digest("body")))
    _ = try shop.ledger.erase(.externalID("eve"))
    try shop.push("vip", add: ["dan", "fay"], remove: ["robert"])
    try shop.submit(.removeExternalIDs(["bob"]))
    try shop.submit(.archiveCampaign(CampaignReference(kind: .campaign, number: 1)))
    try shop.submit(.restoreCampaign(CampaignReference(kind: .campaign, number: 1)))
    try shop.submit(.archiveSegment(SegmentID(1)))
    try shop.submit(.restoreSegment(SegmentID(1)))
    let old = CohortName(partner: TestShop.partner, cohortID: "new")
    try shop.submit(.archiveCohort(old))
    try shop.submit(.restoreCohort(old))
    try shop.submit(
      .noteRecovery(
        Recovered(offset: 1, size: 2, digest: digest("torn"), mayHaveBeenAcknowledged: true)))
    try shop.submit(
      .noteRestoration(
        Restored(cut: Position(3), head: Position(9), root: digest("head"), acceptedLoss: false)))
    _ = try shop.ledger.forgetUnmatched(before: shop.ledger.now.instant)
    try shop.push("vip", add: ["hal", "ivy@example.org"])
    try shop.submit(.deleteUsers([.externalID("robert")], erase: nil))
    // What a restore to before it must carry forward.
    try shop.submit(.invalidateKey(KeyID(3)))
    try shop.submit(.disablePartner(lapsed))
    _ = try shop.ledger.erase(.externalID("ada"))
  }

  func bytes(of path: String, on other: SimulatedDisk? = nil) throws -> [UInt8] {
    let file = try LogFile(path, on: other ?? disk)
    return try file.bytes(in: 0..<file.size)
  }
}

extension [UInt8] {
  /// Whether the bytes of a text stand anywhere in these.
  func holds(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard count >= wanted.count else { return false }
    return (0...count - wanted.count).contains { start in
      wanted.indices.allSatisfy { self[start + $0] == wanted[$0] }
    }
  }
}

extension LedgerState {
  /// What a restore must keep: members, identities and definitions, not texts.
  var digestOfMeaning: Digest { StateDigest(of: self).value }
}
