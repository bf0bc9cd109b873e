import CohortLog
import CohortModel
import TestSupport

@testable import CohortFormat
@testable import CohortLedger

/// A log as somebody writes it who recomputes every checksum and root.
struct ForgedLog {
  private let header: FileHeader
  private var builder: FrameBuilder
  private(set) var bytes: [UInt8]

  init(generation: UInt32 = 1) {
    let random = SeededRandomSource(seed: 3)
    header = FileHeader(
      ledger: LedgerID(random: random), created: Instant(microseconds: 1_800_000_000_000_000))
    bytes = header.bytes
    builder = FrameBuilder(
      ledger: header.ledger, epoch: Epoch(generation: generation, random: random),
      chain: FrameChain(), tree: MerkleFrontier(), lastRequest: 0, random: random)
  }

  /// Adds a frame with these events, each a request of its own.
  mutating func add(
    _ events: [Event], by key: KeyID = KeyID(0), _ receipt: Receipt? = nil, at time: Instant? = nil
  ) {
    let last = builder.chain.last?.time.microseconds ?? header.created.microseconds
    let time = time ?? Instant(microseconds: last + 1_000_000)
    builder.begin(time: time, rawClock: time)
    for event in events {
      _ = try? builder.append(event, key: key, receipt: receipt, endsRequest: true)
    }
    bytes += builder.finish().bytes
    bytes += [UInt8](repeating: 0, count: Int(builder.chain.next) - bytes.count)
  }

  /// Adds a frame that names the root of other events, and whose checksums are right all the same.
  ///
  /// No other can be added behind it.
  mutating func addRootedElsewhere(_ events: [Event]) {
    let start = bytes.count
    add(events)
    guard let header = builder.chain.last else { return }
    let root = start + header.trailerOffset + 8
    bytes[root] ^= 1
    let checksum = FrameHeader.frameChecksum(
      bytes.span, from: start, to: root + 32, ledger: self.header.ledger.checksum)
    for index in 0..<4 {
      bytes[root + 32 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index))
    }
  }

  /// Where the next frame begins in the file.
  var next: UInt64 { builder.chain.next }

  /// Of the last event.
  var position: Position { builder.chain.position }

  /// A disk with this log on it.
  func disk() throws -> SimulatedDisk {
    let disk = SimulatedDisk()
    try disk.makeDirectory("/ledger")
    try disk.place(bytes, at: "/ledger/events.log")
    return disk
  }

  /// Opens it as a start would.
  ///
  /// - Returns: The ledger, or why there is none.
  func open(on disk: SimulatedDisk, for access: Ledger.Access = .write) -> Result<
    Ledger, LedgerError
  > {
    do throws(LedgerError) {
      return .success(
        try Ledger.open(
          "/ledger", for: access, on: disk, clock: SimulatedClock(),
          random: SeededRandomSource(seed: 5), options: .small))
    } catch { return .failure(error) }
  }

  /// The first position that a start objects to; `nil` if it does not.
  func refusal() throws -> (position: Position, reason: String)? {
    switch open(on: try disk()) {
    case .success(let ledger):
      try ledger.close()
      return nil
    case .failure(.storage(let failure)):
      guard case .impossible(let reason, let position) = failure.error else { throw failure }
      return (position, reason)
    case .failure(let error): throw error
    }
  }
}

extension ForgedLog {
  /// A shop with a little of everything, in ten frames.
  static func shop() -> ForgedLog {
    var log = ForgedLog()
    for events in story { log.add(events) }
    return log
  }

  static let story: [[Event]] = [
    [
      .partnerEnabled(
        PartnerEnabled(
          partner: PartnerID(1), code: "hightouch", displayName: "Hightouch", learns: false))
    ],
    (1...4).map {
      .userCreated(
        UserCreated(user: UserID($0), identifiers: [.externalID(PersonalText("user-\($0)"))]))
    },
    [
      .identifierAdded(
        IdentifierAdded(
          user: UserID(2), identifier: .alias(label: "email", name: PersonalText("b@example.org"))))
    ],
    [
      .keyIssued(
        KeyIssued(
          key: KeyID(1), kind: .dataImport, partner: PartnerID(1), label: "warehouse",
          permissions: Permissions(rawValue: 0), networks: [], expiresAt: nil, digest: .zero))
    ],
    [
      .cohortNamed(
        CohortNamed(
          cohort: CohortID(1), partner: PartnerID(1), cohortID: "vip", name: "VIP",
          createdAt: nil)), entering(1, [1, 2, 3]),
    ],
    [
      .cohortNamed(
        CohortNamed(
          cohort: CohortID(2), partner: PartnerID(1), cohortID: "new", name: "New",
          createdAt: nil)), entering(2, [2]),
    ],
    [leaving(1, [3])],
    [
      .segmentSaved(
        SegmentSaved(
          segment: SegmentID(1), version: 1, name: "Best", description: "", tags: [],
          filter: .and([.includes([CohortID(1)]), .not(.includes([CohortID(2)]))])))
    ],
    [
      .campaignSaved(
        CampaignSaved(
          campaign: CampaignReference(kind: .campaign, number: 1), version: 1, name: "Hello",
          description: "", tags: [], audience: Audience(segments: [SegmentID(1)], filter: nil)))
    ],
    [
      .usersMerged(
        UsersMerged(
          user: UserID(1), into: UserID(4), cohortsLeft: [CohortID(1)],
          cohortsEntered: [CohortID(1)], moved: [], dropped: [], retired: [IdentifierID(1)]))
    ],
  ]

  static func entering(_ cohort: UInt32, _ users: [UInt32]) -> Event {
    change(cohort, .entering, PackedUsers(sorted: users.span))
  }

  static func leaving(_ cohort: UInt32, _ users: [UInt32]) -> Event {
    change(cohort, .leaving, PackedUsers(sorted: users.span))
  }

  static func change(_ cohort: UInt32, _ direction: Direction, _ users: PackedUsers) -> Event {
    .membersChanged(
      MembersChanged(
        cohort: CohortID(cohort), direction: direction, users: users, unchanged: 0,
        unmatched: []))
  }
}
