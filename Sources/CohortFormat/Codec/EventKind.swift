package import CohortModel

/// The first byte of an event.
///
/// Never reuse a number. There is no event 0, so that zeros are none.
package enum EventKind: UInt8, Hashable, Sendable, CaseIterable {
  case partnerEnabled = 1
  case partnerDisabled = 2
  case keyIssued = 3
  case keyInvalidated = 4

  case userCreated = 16
  case identifierAdded = 17
  case identifierRemoved = 18
  case externalIDRenamed = 19
  case userIdentified = 20
  case usersMerged = 21
  case userDeleted = 22
  case userErased = 23
  case erasureFinished = 24
  case unmatchedForgotten = 25

  case cohortNamed = 32
  case cohortArchived = 33
  case cohortRestored = 34
  case membersChanged = 35

  case segmentSaved = 48
  case segmentArchived = 49
  case segmentRestored = 50
  case campaignSaved = 51
  case campaignArchived = 52
  case campaignRestored = 53
  case audienceFrozen = 54

  case recovered = 64
  case restored = 65

  /// The version of the payload that this release writes, and the only one so far.
  package static let version: UInt8 = 1

  package init(of event: Event) {
    switch event {
    case .partnerEnabled: self = .partnerEnabled
    case .partnerDisabled: self = .partnerDisabled
    case .keyIssued: self = .keyIssued
    case .keyInvalidated: self = .keyInvalidated
    case .userCreated: self = .userCreated
    case .identifierAdded: self = .identifierAdded
    case .identifierRemoved: self = .identifierRemoved
    case .externalIDRenamed: self = .externalIDRenamed
    case .userIdentified: self = .userIdentified
    case .usersMerged: self = .usersMerged
    case .userDeleted: self = .userDeleted
    case .userErased: self = .userErased
    case .erasureFinished: self = .erasureFinished
    case .unmatchedForgotten: self = .unmatchedForgotten
    case .cohortNamed: self = .cohortNamed
    case .cohortArchived: self = .cohortArchived
    case .cohortRestored: self = .cohortRestored
    case .membersChanged: self = .membersChanged
    case .segmentSaved: self = .segmentSaved
    case .segmentArchived: self = .segmentArchived
    case .segmentRestored: self = .segmentRestored
    case .campaignSaved: self = .campaignSaved
    case .campaignArchived: self = .campaignArchived
    case .campaignRestored: self = .campaignRestored
    case .audienceFrozen: self = .audienceFrozen
    case .recovered: self = .recovered
    case .restored: self = .restored
    }
  }
}
