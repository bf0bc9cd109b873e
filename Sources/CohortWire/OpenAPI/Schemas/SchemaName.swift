/// A schema that several others refer to.
enum SchemaName: String, Hashable, Sendable, CaseIterable {
  // Small things.
  case message = "Message"
  case asOf = "AsOf"
  case outcome = "Outcome"
  case outcomes = "Outcomes"
  case partnerCode = "PartnerCode"
  case cohortID = "CohortID"
  case permission = "Permission"
  case digest = "Digest"
  case keyID = "KeyID"
  case keyKind = "KeyKind"

  // People.
  case alias = "Alias"
  case identifier = "Identifier"
  case userName = "UserName"
  case user = "User"
  case member = "Member"
  case cohortName = "CohortName"
  case bearers = "Bearers"

  // Requests.
  case cohortChange = "CohortChange"
  case filter = "Filter"
  case audience = "Audience"
  case mergeIdentifier = "MergeIdentifier"
  case itemErrors = "ItemErrors"
  case dependants = "Dependants"
  case receipt = "Receipt"

  // Reads.
  case cohort = "Cohort"
  case key = "Key"
  case partner = "Partner"
  case treeHead = "TreeHead"
  case whyTree = "WhyTree"
  case reason = "Reason"
  case reasonEvent = "ReasonEvent"
  case historyEntry = "HistoryEntry"
  case event = "Event"
  case activityEvent = "ActivityEvent"

  var schema: Schema {
    switch self {
    case .message: .message
    case .asOf: .asOf
    case .outcome: .outcome
    case .outcomes: .outcomes
    case .partnerCode: .partnerCode
    case .cohortID: .cohortID
    case .permission: .permission
    case .digest: .digest
    case .keyID: .keyID
    case .keyKind: .keyKind
    case .alias: .alias
    case .identifier: .identifier
    case .userName: .userName
    case .user: .user
    case .member: .member
    case .cohortName: .cohortName
    case .bearers: .bearers
    case .cohortChange: .cohortChange
    case .filter: .filter
    case .audience: .audience
    case .mergeIdentifier: .mergeIdentifier
    case .itemErrors: .itemErrors
    case .dependants: .dependants
    case .receipt: .receipt
    case .cohort: .cohort
    case .key: .key
    case .partner: .partner
    case .treeHead: .treeHead
    case .whyTree: .whyTree
    case .reason: .reason
    case .reasonEvent: .reasonEvent
    case .historyEntry: .historyEntry
    case .event: .event
    case .activityEvent: .activityEvent
    }
  }
}
