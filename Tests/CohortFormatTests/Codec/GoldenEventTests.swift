import CohortFormat
import CohortModel
import Testing

/// One event of each kind and its bytes, frozen with format version 1.
///
/// A change here is a change of the format: logs that exist could no longer be read. New fields
/// need a new version of their kind, and this list a new line.
@Suite struct `The bytes of an event` {
  static let digest = Digest(0x0001_0203_0405_0607, 8, 9, .max)
  static let ada = PersonalText("ada")
  static let email = IdentifierName.alias(label: "email", name: PersonalText("ada@example.org"))
  static let canvas = CampaignReference(kind: .canvas, number: 3)
  static let noon = Instant(microseconds: 1_767_268_800_000_000)

  static func filter() throws -> Filter {
    let week = try #require(Period(seconds: 604_800))
    return .and([
      .includes([CohortID(1), CohortID(300)]), .not(.excludes([CohortID(2)])),
      .or([
        .segment(SegmentID(4)), .entered(CohortID(5), within: week),
        .left(CohortID(6), within: week), .memberFor(CohortID(7), atLeast: week),
      ]),
      .memberAsOf(CohortID(8), .position(Position(1_000))),
      .memberAsOf(CohortID(9), .instant(noon)),
    ])
  }

  static func event(_ kind: EventKind) throws -> Event {
    switch kind {
    case .partnerEnabled:
      .partnerEnabled(
        PartnerEnabled(
          partner: PartnerID(1), code: "hightouch", displayName: "Hightouch", learns: true))
    case .partnerDisabled: .partnerDisabled(PartnerID(128))
    case .keyIssued:
      .keyIssued(
        KeyIssued(
          key: KeyID(2), kind: .rest, partner: PartnerID(1), label: "ci",
          permissions: Permissions([.usersTrack, .keysManage]),
          networks: [try #require(Network("10.0.0.0/8"))], expiresAt: noon, digest: digest))
    case .keyInvalidated: .keyInvalidated(KeyID(.max))
    case .userCreated:
      .userCreated(
        UserCreated(
          user: UserID(42), identifiers: [.externalID(ada), email, .device(PersonalText("d"))]))
    case .identifierAdded: .identifierAdded(IdentifierAdded(user: UserID(42), identifier: email))
    case .identifierRemoved:
      .identifierRemoved(IdentifierRemoved(user: UserID(42), identifier: IdentifierID(99)))
    case .externalIDRenamed:
      .externalIDRenamed(
        ExternalIDRenamed(user: UserID(42), deprecated: IdentifierID(99), primary: ada))
    case .userIdentified: .userIdentified(UserIdentified(user: UserID(42), externalID: ada))
    case .usersMerged:
      .usersMerged(
        UsersMerged(
          user: UserID(42), into: UserID(43), cohortsLeft: [CohortID(1), CohortID(2)],
          cohortsEntered: [CohortID(2)], moved: [IdentifierID(3)], dropped: [],
          retired: [IdentifierID(4), IdentifierID(500)]))
    case .userDeleted:
      .userDeleted(
        UserDeleted(user: UserID(42), cohortsLeft: [CohortID(1)], freed: [IdentifierID(3)]))
    case .userErased:
      .userErased(
        UserErased(
          user: UserID(42), identifiers: [IdentifierID(3)],
          texts: [TextName(position: Position(1_000), item: 2)]))
    case .erasureFinished: .erasureFinished(ErasureFinished(erasure: Position(1_001)))
    case .unmatchedForgotten:
      .unmatchedForgotten(UnmatchedForgotten(before: noon, through: Position(1_002)))
    case .cohortNamed:
      .cohortNamed(
        CohortNamed(
          cohort: CohortID(1), partner: PartnerID(1), cohortID: "c1", name: "VIP",
          createdAt: noon))
    case .cohortArchived: .cohortArchived(CohortID(1))
    case .cohortRestored: .cohortRestored(CohortID(1))
    case .membersChanged:
      .membersChanged(
        MembersChanged(
          cohort: CohortID(1), direction: .leaving,
          users: PackedUsers(sorted: [3, 4, 100, 5_000, 70_000].span), unchanged: 300,
          unmatched: [
            Unmatched(identifier: .externalID(ada), reason: .merged),
            Unmatched(identifier: email, reason: .identified),
          ]))
    case .segmentSaved:
      .segmentSaved(
        SegmentSaved(
          segment: SegmentID(1), version: 2, name: "n", description: "d", tags: ["t", "u"],
          filter: try filter()))
    case .segmentArchived: .segmentArchived(SegmentID(1))
    case .segmentRestored: .segmentRestored(SegmentID(1))
    case .campaignSaved:
      .campaignSaved(
        CampaignSaved(
          campaign: canvas, version: 2, name: "n", description: "d", tags: ["t"],
          audience: Audience(segments: [SegmentID(1)], filter: .segment(SegmentID(2)))))
    case .campaignArchived: .campaignArchived(canvas)
    case .campaignRestored:
      .campaignRestored(CampaignReference(kind: .campaign, number: 3))
    case .audienceFrozen:
      .audienceFrozen(
        AudienceFrozen(
          send: SendID(1), campaign: canvas, version: 2, position: Position(1_003), instant: noon,
          segments: [SegmentVersion(segment: SegmentID(1), version: 2)],
          audience: Audience(segments: [SegmentID(1)], filter: nil), size: 1 << 40,
          digest: digest))
    case .recovered:
      .recovered(
        Recovered(
          offset: 1 << 33, size: 160, digest: digest, mayHaveBeenAcknowledged: true))
    case .restored:
      .restored(
        Restored(cut: Position(500), head: Position(900), root: digest, acceptedLoss: false))
    }
  }

  /// The event, and behind a bar its private area.
  private func written(_ event: Event, receipt: Receipt? = nil) throws -> String {
    var builder = FrameBuilder(
      ledger: SmallLog.ledger, epoch: SmallLog.epoch(1), chain: FrameChain(),
      tree: MerkleFrontier(), lastRequest: 299, random: SeededBytes(seed: 1_234))
    builder.begin(time: Self.noon, rawClock: Self.noon)
    try builder.append(event, key: KeyID(5), receipt: receipt, endsRequest: true)
    let bytes = builder.finish().bytes
    let read = FrameScan.read(
      bytes.span, at: 0, base: 4_096, ledger: SmallLog.ledger)
    guard case .frame(let frame) = read else { return "no frame" }
    let text = bytes[frame.privateArea].isEmpty ? "" : "|" + hex(bytes[frame.privateArea])
    return hex(bytes[frame.events]) + text
  }

  private func hex(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test(arguments: EventKind.allCases)
  func `are what they were when the format was frozen`(kind: EventKind) throws {
    let written = try written(Self.event(kind))
    #expect(written == goldenEvents[kind], "GOLDEN \(kind): \(written)")
  }

  @Test func `with a receipt are what they were when the format was frozen`() throws {
    let receipt = Receipt(
      key: PersonalText("retry-1"), fingerprint: PersonalText([UInt8](repeating: 7, count: 32)),
      status: 201, answer: "\"added\":1")
    let written = try written(.cohortArchived(CohortID(1)), receipt: receipt)
    #expect(written == goldenReceipt, "GOLDEN receipt: \(written)")
  }
}
