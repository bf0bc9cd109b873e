internal import CohortModel

extension QueryParameter {
  /// What its value looks like.
  var schema: Schema {
    switch self {
    case .asOf, .from, .to: .string.example("41")
    case .at, .endingAt: .string.example("2026-11-21T00:41:59Z")
    case .identity, .definition: .choice(["then", "now"])
    case .limit: .integer(from: 1, to: Int64(Query.limitMax)).with("default", 100)
    case .next: .string
    case .page: .integer(from: 0, to: Int64(Int32.max)).with("default", 0)
    case .sortDirection: .choice(["asc", "desc"])
    case .includeArchived, .verify, .requests: .boolean
    case .members: .choice(["all", "none"]).with("default", "all")
    case .search: .text(1...1_024).example("gold")
    case .externalID: .text(1...1_024).example("customer-42")
    case .aliasLabel: .text(1...1_024).example("email")
    case .aliasName: .text(1...1_024).example("ana@shop.example")
    case .deviceID: .text(1...1_024).example("5f4dcc3b")
    case .user: .pattern("^(user:)?[0-9]{1,10}$").example("user:17")
    case .partner: .named(.partnerCode)
    case .cohortID: .named(.cohortID)
    case .cohort: .string.example("hightouch/vip")
    case .segment, .segmentID: .pattern("^segment:[0-9]+$").example("segment:3")
    case .campaignID: .pattern("^campaign:[0-9]+$").example("campaign:3")
    case .canvasID: .pattern("^canvas:[0-9]+$").example("canvas:3")
    case .sendID: .pattern("^send:[0-9]+$").example("send:3")
    case .points: .integer(from: 1, to: Int64(Query.limitMax))
    case .length: .integer(from: 1, to: 100)
    case .position, .size: .integer(from: 1)
    case .after: .pattern("^#?[0-9]+(@[0-9a-f]{32})?$").example("41")
    case .wait: .integer(from: 0, to: 60).with("default", 0)
    case .types: .string.example("membersChanged,usersMerged")
    case .identifiers: .choice(["none", "all"])
    }
  }
}

extension RouteKind {
  /// Those of its parameters without which nothing can be answered.
  var requiredParameters: [QueryParameter] {
    switch self {
    case .segmentDetails, .segmentVersions, .segmentMembers: [.segmentID]
    case .segmentSeries: [.segmentID, .length]
    case .campaignDetails: [.campaignID]
    case .canvasDetails: [.canvasID]
    case .cohortDiff, .treeConsistency: [.from]
    case .treeInclusion: [.position]
    case .prove: [.partner, .cohortID]
    default: []
    }
  }
}

/// An id in the pattern of a route, by the name that stands between its braces.
struct PathParameter {
  let name: String

  var detail: String {
    switch name {
    case "partner": "The partner, such as `hightouch`."
    case "cohort_id": "The cohort's id; a slash in it is written `%2F`."
    case "id": "A key, such as `key:3`."
    case "send_id": "A send, such as `send:3`."
    case "path": "A file of the console, such as `lang/en.js`, with its slashes as they are."
    case "position": "A position in the log, of any event of the request."
    default: ""
    }
  }

  var schema: Schema {
    switch name {
    case "partner": .named(.partnerCode)
    case "cohort_id": .named(.cohortID)
    case "id": .pattern("^key:[0-9]+$").example("key:3")
    case "send_id": .pattern("^send:[0-9]+$").example("send:3")
    case "position": .pattern("^#?[0-9]+$").example("41")
    default: .string
    }
  }
}

extension Route {
  /// What stands between the braces of its pattern, in their order.
  var pathParameters: [PathParameter] {
    pattern.split(separator: "{").dropFirst().map { part in
      PathParameter(name: String(part.prefix { $0 != "}" }))
    }
  }
}
