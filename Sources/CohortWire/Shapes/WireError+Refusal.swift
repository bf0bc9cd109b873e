package import CohortModel

// One row for each refusal: status, and the literal message of the contract or the refusal's own.

extension WireError {
  /// What to answer when the ledger refuses.
  ///
  /// - Parameters:
  ///   - refusal: Why.
  ///   - subject: What the request is about. If that does not exist it is a 404; what a request
  ///     merely mentions is a 400.
  package init(_ refusal: Refusal, subject: WriteRequest.Subject? = nil) {
    let (status, literal) = Self.row(of: refusal, subject)
    self.init(status, literal ?? refusal.description, Self.members(of: refusal))
  }

  private static func row(
    of refusal: Refusal, _ subject: WriteRequest.Subject?
  ) -> (status: Int, literal: String?) {
    switch refusal {
    case .invalidPartnerKey: (401, "Invalid Partner API key")
    case .invalidClientSecret: (401, "Invalid client secret")
    case .partnerNotEnabled:
      // The words of the contract, which shorten the secret: it may be a live one of another
      // partner, and callers write down what they are answered.
      (401, "Partner not enabled for client with client secret: dik-…")
    case .unauthorizedNetwork: (401, "Unauthorized access")
    case .cohortArchived: (423, "Resource locked")

    case .invalidAPIKey: (401, "Invalid API Key")
    case .accessDenied: (403, "Access Denied")
    case .idempotencyKeyReused: (409, nil)

    case .tooMany(_, let what): (400, literal(of: what))
    case .noValidItem:
      (400, "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.")
    case .invalidName("cohort_id"): (400, "cohort_id must be a valid string")
    case .invalidName, .invalidPartnerCode, .keyNeedsPartner, .emptyFilter, .filterTooDeep,
      .filterCycle, .archivedInAudience, .needsFilter, .needsAudience, .laterThanNow,
      .alreadyExpired:
      (400, nil)
    case .cannotGrant, .cannotOutlive, .cannotAdmit: (403, nil)
    case .keyDigestTaken, .versionConflict, .mergedAway: (409, nil)
    case .unknownKey, .unknownCampaign, .unknownUser, .unknownErasure: (404, nil)
    case .unknownPartner(let code): (subject == .partner(code) ? 404 : 400, nil)
    case .unknownCohort(let name, _): (subject == .cohort(name) ? 404 : 400, nil)
    case .unknownSegment(let name, _): (subject == .segment(name) ? 404 : 400, nil)
    }
  }

  private static func literal(of what: Refusal.Limited) -> String? {
    switch what {
    case .identifiers:
      "Only 1,000 user_ids, device_ids, and aliases are allowed per request"
    case .track: "Max Input Length Exceeded"
    case .externalIDsAndAliases:
      "The max number of external_ids and aliases per request was exceeded"
    case .ids: "The max number of ids per request was exceeded"
    case .merges: "a single request may not contain more than 50 merge updates"
    case .lines: nil
    }
  }

  /// What a program can use of a refusal.
  private static func members(of refusal: Refusal) -> [JSONText.Member] {
    func member(_ key: String, _ value: (some CustomStringConvertible)?) -> [JSONText.Member] {
      value.map { [JSONText.Member(key, .string($0.description))] } ?? []
    }
    switch refusal {
    case .unknownCohort(_, let nearest): return member("nearest", nearest)
    case .unknownSegment(_, let nearest): return member("nearest", nearest)
    case .accessDenied(let permission), .cannotGrant(let permission):
      return member("permission", permission.name)
    case .cannotOutlive(let expiry), .alreadyExpired(let expiry):
      return member("expires_at", expiry.rfc3339)
    case .cannotAdmit(let networks):
      return [JSONText.Member("networks", .array(networks.map { .string($0.description) }))]
    case .mergedAway(let survivor):
      return [JSONText.Member("survivor", .integer(Int64(survivor.rawValue)))]
    case .versionConflict(_, let current):
      return [JSONText.Member("version", .integer(Int64(current)))]
    case .filterCycle(let path):
      return [JSONText.Member("path", .array(path.map { .string($0.description) }))]
    case .archivedInAudience(let campaign, let segments):
      let names = segments.map(\.description) + (campaign.map { [$0.description] } ?? [])
      return [JSONText.Member("archived", .array(names.map(JSONText.string)))]
    case .invalidPartnerKey, .invalidClientSecret, .partnerNotEnabled, .unauthorizedNetwork,
      .cohortArchived, .invalidAPIKey, .idempotencyKeyReused, .tooMany, .noValidItem,
      .unknownPartner, .invalidPartnerCode, .unknownKey, .keyNeedsPartner, .keyDigestTaken,
      .unknownCampaign, .invalidName, .emptyFilter, .filterTooDeep, .needsFilter, .needsAudience,
      .unknownUser, .laterThanNow, .unknownErasure:
      return []
    }
  }
}
