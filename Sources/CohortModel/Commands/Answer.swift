/// What happened to each identifier of an import; they add up to the identifiers sent.
///
/// RULES §3.
public enum Outcome: UInt8, Hashable, Sendable, CaseIterable {
  case added = 0
  case alreadyMember, removed, notMember, unknown, identified, merged

  /// As in answers.
  public var name: String {
    switch self {
    case .added: "added"
    case .alreadyMember: "already_member"
    case .removed: "removed"
    case .notMember: "not_member"
    case .unknown: "unknown"
    case .identified: "identified"
    case .merged: "merged"
    }
  }
}

/// How many identifiers had each outcome.
public struct OutcomeCounts: Hashable, Sendable {
  private var counts: [7 of Int] = .init(repeating: 0)

  public init() {}

  public subscript(_ outcome: Outcome) -> Int {
    get { counts[Int(outcome.rawValue)] }
    set { counts[Int(outcome.rawValue)] = newValue }
  }

  public var total: Int { Outcome.allCases.reduce(0) { $0 + self[$1] } }

  public static func == (a: Self, b: Self) -> Bool {
    Outcome.allCases.allSatisfy { a[$0] == b[$0] }
  }

  public func hash(into hasher: inout Hasher) {
    for outcome in Outcome.allCases { hasher.combine(self[outcome]) }
  }
}

/// The outcome of one identifier, in the order of the request.
public struct IdentifierResult: Hashable, Sendable {
  public var change: Int
  public var outcome: Outcome
  /// Of a `merged` identifier.
  public var survivor: UserID?

  public init(change: Int, outcome: Outcome, survivor: UserID?) {
    self.change = change
    self.outcome = outcome
    self.survivor = survivor
  }
}

/// An item of a batch that was not carried out; the others were.
public struct ItemError: Hashable, Sendable {
  public var index: Int
  public var refusal: ItemRefusal

  public init(index: Int, refusal: ItemRefusal) {
    self.index = index
    self.refusal = refusal
  }
}

/// What a command came to.
///
/// Positions are given by the ledger.
public enum Answer: Hashable, Sendable {
  case done
  case changedMembers(OutcomeCounts, [IdentifierResult])
  /// A batch: how many items stand, and which do not.
  case items(processed: Int, errors: [ItemError])
  case importedUsers(created: Int, completed: Int, unchanged: Int, refused: [ItemError])
  case deletedUsers([DeletedUser], errors: [ItemError])
  case erasedUser(UserID?, texts: [TextName], earlierBearers: [UserID])
  case issuedKey(KeyID)
  case enabledPartner(PartnerID, KeyID?)
  case savedSegment(SegmentID, version: UInt32)
  case savedCampaign(CampaignReference, version: UInt32)
  case frozeAudience(SendID)
  /// The cohort or segment was archived; these use it.
  case archived(Dependants)
  /// The same idempotency key and the same request before: what it was answered then.
  case repeated(Receipt, Position)
}

public struct DeletedUser: Hashable, Sendable {
  public var user: UserID
  public var externalID: Text?
  /// With erasing: the texts that will be zeroed.
  public var texts: [TextName]

  public init(user: UserID, externalID: Text?, texts: [TextName] = []) {
    self.user = user
    self.externalID = externalID
    self.texts = texts
  }
}

/// What uses a cohort or a segment, now.
public struct Dependants: Hashable, Sendable {
  public var segments: [SegmentID]
  public var campaigns: [CampaignReference]

  public init(segments: [SegmentID] = [], campaigns: [CampaignReference] = []) {
    self.segments = segments
    self.campaigns = campaigns
  }
}
