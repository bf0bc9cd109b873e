/// Why a whole command was not carried out.
///
/// Nothing is recorded.
public enum Refusal: Error, Hashable, Sendable {
  // CONTRACT part 1, in the order of its table.
  case invalidPartnerKey
  case invalidClientSecret
  case partnerNotEnabled
  case unauthorizedNetwork
  case cohortArchived(CohortName)

  // Part 0.
  case invalidAPIKey
  case accessDenied(Permission)
  case idempotencyKeyReused

  case tooMany(limit: Int, what: Limited)
  case noValidItem
  case unknownPartner(Text)
  case invalidPartnerCode(Text)
  case unknownKey(KeyID)
  case keyNeedsPartner(KeyKind)
  case cannotGrant(Permission)
  /// The key that issues expires then.
  case cannotOutlive(Instant)
  /// When the key would expire.
  case alreadyExpired(Instant)
  /// The networks of the key that issues.
  case cannotAdmit([Network])
  case keyDigestTaken
  case unknownCohort(CohortName, nearest: CohortName?)
  case unknownSegment(Text, nearest: Text?)
  case unknownCampaign(CampaignReference)
  case invalidName(String)
  case emptyFilter
  case filterTooDeep
  case filterCycle([SegmentID])
  case versionConflict(expected: UInt32, current: UInt32)
  case archivedInAudience(campaign: CampaignReference?, segments: [SegmentID])
  case needsFilter
  case needsAudience
  case unknownUser(UserName)
  /// Erase the survivor instead: a merged-away user is not erased alone.
  case mergedAway(into: UserID)
  case laterThanNow
  case unknownErasure(Position)

  /// Which limit: it decides the wording.
  ///
  /// CONTRACT part 2, "over the limit".
  public enum Limited: Hashable, Sendable {
    case identifiers, track, externalIDsAndAliases, ids, merges, lines
  }
}

/// Why one item of a batch was not carried out.
public enum ItemRefusal: Error, Hashable, Sendable {
  case identifierRequired
  case identifierNotSupported
  case twoIdentifiers
  case invalidIdentifier
  case unknownUser
  case unknownAlias
  case unknownExternalID
  case labelTaken(Text)
  case aliasTaken
  case deviceTaken
  case externalIDTaken
  case takenByMerged(survivor: UserID)
  case mergedAway(survivor: UserID)
  case alreadyIdentified
  case severalUsers([UserID])
  case survivorNotIdentified
  case notPrimary
  case notDeprecated
}
