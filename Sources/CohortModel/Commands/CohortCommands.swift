/// A cohort as the outside names it: `partner/cohort_id`.
public struct CohortName: Hashable, Comparable, Sendable {
  public let partner: Text
  public let cohortID: Text

  public init(partner: Text, cohortID: Text) {
    self.partner = partner
    self.cohortID = cohortID
  }

  public static func < (a: CohortName, b: CohortName) -> Bool {
    (a.partner, a.cohortID) < (b.partner, b.cohortID)
  }
}

extension CohortName: CustomStringConvertible {
  public var description: String { "\(partner)/\(cohortID)" }
}

/// `POST /partners/{partner}/cohorts`.
///
/// CONTRACT part 1.
public struct NameCohort: Hashable, Sendable {
  public var cohort: CohortName
  public var name: Text
  public var createdAt: Instant

  public init(cohort: CohortName, name: Text, createdAt: Instant) {
    self.cohort = cohort
    self.name = name
    self.createdAt = createdAt
  }
}

/// A piece of a byte buffer.
public struct TextRange: Hashable, Sendable {
  public var start: UInt32
  public var count: UInt32

  @inlinable public init(start: UInt32, count: UInt32) {
    self.start = start
    self.count = count
  }

  @inlinable public var indices: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

/// `POST /partners/{partner}/cohorts/users`.
///
/// CONTRACT part 1.
///
/// Identifiers are ranges of `buffer`, usually the request's body itself: the hot path never
/// copies one.
public struct ChangeMembers: Sendable {
  public var cohort: CohortName
  public var buffer: [UInt8]
  public var changes: [Change]
  /// Whether an outcome for every identifier is wanted, not only counts.
  public var wantsResults: Bool

  public struct Change: Sendable {
    public var shouldRemove: Bool
    public var userIDs: [TextRange]
    public var deviceIDs: [TextRange]
    public var aliases: [AliasRange]

    public init(
      shouldRemove: Bool, userIDs: [TextRange] = [], deviceIDs: [TextRange] = [],
      aliases: [AliasRange] = []
    ) {
      self.shouldRemove = shouldRemove
      self.userIDs = userIDs
      self.deviceIDs = deviceIDs
      self.aliases = aliases
    }

    public var count: Int { userIDs.count + deviceIDs.count + aliases.count }
  }

  public struct AliasRange: Hashable, Sendable {
    public var label: TextRange
    public var name: TextRange

    public init(label: TextRange, name: TextRange) {
      self.label = label
      self.name = name
    }
  }

  public init(
    cohort: CohortName, buffer: [UInt8], changes: [Change], wantsResults: Bool = false
  ) {
    self.cohort = cohort
    self.buffer = buffer
    self.changes = changes
    self.wantsResults = wantsResults
  }

  /// Over the whole request.
  public static let identifiersMax = 1_000
}
