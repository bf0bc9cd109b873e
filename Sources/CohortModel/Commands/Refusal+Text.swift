// What is so, and what to do about it. The words of the partner contract stand in CohortWire.

extension Refusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidPartnerKey:
      "No live key of that partner was shown. Enable the partner, or send its current key."
    case .invalidClientSecret:
      "The data import key is missing, unknown, invalidated or expired. Issue a new one."
    case .partnerNotEnabled:
      "The data import key is of another partner, or the partner is disabled. Issue one for it."
    case .unauthorizedNetwork:
      "The key does not admit the caller's address. Call from its networks, or issue another key."
    case .cohortArchived(let name):
      "The cohort \(name) is archived. Restore it before anybody is added, removed or named."
    case .invalidAPIKey:
      "The REST key is missing, unknown, invalidated or expired. Issue a new one."
    case .accessDenied(let permission):
      "The key lacks the permission '\(permission.name)'. Issue a key that has it."
    case .idempotencyKeyReused:
      "The idempotency key was used for another request. Use a new key for each request."
    case .tooMany(let limit, let what):
      "More than \(limit) \(what.noun) were given. Send them in smaller parts."
    case .noValidItem:
      "No item names a user. Give each an external_id, a user_alias or a device_id."
    case .unknownPartner(let code):
      "There is no partner '\(code)'. Enable it with 'cohort partners enable \(code)'."
    case .invalidPartnerCode(let code):
      "'\(code)' cannot be a partner's name. Use 1 to 64 of a-z, 0-9, '_' and '-'."
    case .unknownKey(let key):
      "There is no \(key). See 'cohort keys list'."
    case .keyNeedsPartner(let kind):
      kind == .rest
        ? "A REST key belongs to no partner. Leave the partner out."
        : "A \(kind.name) key belongs to a partner. Name it."
    case .cannotGrant(let permission):
      "The permission '\(permission.name)' is not yours to give. Ask somebody who has it."
    case .cannotOutlive:
      "The key would be valid for longer than yours. Give an 'expires_at' no later than that of "
        + "your key."
    case .alreadyExpired:
      "The key would have expired before anybody could use it. Give an 'expires_at' in the future, "
        + "or none."
    case .cannotAdmit(let networks):
      "The key would admit addresses that yours does not. Give 'networks' within "
        + networks.map(\.description).joined(separator: ", ") + "."
    case .keyDigestTaken:
      "This secret is in use already. Take another one."
    case .unknownCohort(let name, let nearest):
      "There is no cohort \(name)\(Self.hint(nearest)). See 'cohort cohorts list'."
    case .unknownSegment(let name, let nearest):
      "There is no segment \(name)\(Self.hint(nearest)). See 'cohort segments list'."
    case .unknownCampaign(let campaign):
      "There is no \(campaign). See 'cohort campaigns list' and 'cohort canvases list'."
    case .invalidName(let field):
      "'\(field)' is missing, empty, too long or holds U+0000. Give 1 to 1,024 bytes."
    case .emptyFilter:
      "The filter has an empty group or list. Name at least one filter, cohort or segment in it."
    case .filterTooDeep:
      "The filter is nested more than 64 deep, with the segments it includes, or opens more than "
        + "60 brackets. Make it flatter."
    case .filterCycle(let path):
      "The segment would include itself: \(path.map(\.description).joined(separator: " → ")). "
        + "Leave one of them out."
    case .versionConflict(let expected, let current):
      "Version \(expected) was expected, but \(current) is current. Look at it, then try again."
    case .archivedInAudience(let campaign, let segments):
      "The audience needs what is archived: "
        + (segments.map(\.description) + (campaign.map { [$0.description] } ?? []))
        .joined(separator: ", ") + ". Restore it, or choose another audience."
    case .needsFilter:
      "A segment needs a filter. Give one."
    case .needsAudience:
      "An audience needs at least one segment. Name one."
    case .unknownUser(let name):
      "Nobody bears \(name), as far as the ledger knows. Look for the user by another identifier."
    case .mergedAway(let survivor):
      "The user was merged into \(survivor). Name \(survivor) instead."
    case .laterThanNow:
      "The moment is later than now. Name an earlier one."
    case .unknownErasure(let position):
      "No erasure at \(position) is unfinished. There is nothing to finish."
    }
  }

  private static func hint(_ nearest: (some CustomStringConvertible)?) -> String {
    nearest.map { "; the nearest is \($0)" } ?? ""
  }
}

extension Refusal.Limited {
  public var noun: String {
    switch self {
    case .identifiers: "identifiers"
    case .track: "attributes"
    case .externalIDsAndAliases: "external ids and aliases"
    case .ids: "ids"
    case .merges: "merge updates"
    case .lines: "lines"
    }
  }
}

extension ItemRefusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .identifierRequired:
      "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
    case .identifierNotSupported: "this identifier is not supported"
    case .twoIdentifiers: "either 'external_id' or 'user_alias' is allowed, not both"
    case .invalidIdentifier: "an identifier has 1 to 1,024 bytes and no U+0000"
    case .unknownUser: "no user bears this identifier"
    case .unknownAlias: "no user has this alias"
    case .unknownExternalID: "no user has this external id"
    case .labelTaken(let label): "the user has another alias under the label '\(label)'"
    case .aliasTaken: "the new alias is taken"
    case .deviceTaken:
      "another user has this device; identify that user with 'devices_to_identify'"
    case .externalIDTaken: "the external id is taken"
    case .takenByMerged(let survivor):
      "the external id is of a user that was merged into \(survivor); remove it there first"
    case .mergedAway(let survivor): "the user was merged into \(survivor)"
    case .alreadyIdentified: "the user has another external id"
    case .severalUsers(let users):
      "the identifiers belong to different users: "
        + users.map(\.description).joined(separator: ", ")
    case .survivorNotIdentified:
      "a user with an external id is not merged into one without; identify that one first"
    case .notPrimary: "the external id is deprecated; name the primary one"
    case .notDeprecated: "the external id is primary; rename it first"
    }
  }
}

extension UserName: CustomStringConvertible {
  /// The selector of the terminal, with every byte of the identifier as it is.
  public var description: String { String(decoding: selector, as: UTF8.self) }

  /// `external_id:X`, `alias:LABEL:NAME`, `device:X` or `user:N`.
  ///
  /// A colon or a backslash of a label stands behind a backslash, so that no two names read the
  /// same.
  package var selector: [UInt8] {
    switch self {
    case .externalID(let text): return Array("external_id:".utf8) + text.bytes
    case .alias(let label, let name):
      var bytes = Array("alias:".utf8)
      for byte in label.bytes {
        if byte == UInt8(ascii: ":") || byte == UInt8(ascii: "\\") {
          bytes.append(UInt8(ascii: "\\"))
        }
        bytes.append(byte)
      }
      bytes.append(UInt8(ascii: ":"))
      return bytes + name.bytes
    case .device(let text): return Array("device:".utf8) + text.bytes
    case .number(let user): return Array(user.description.utf8)
    }
  }
}
