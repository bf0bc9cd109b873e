internal import CohortModel

/// The description of the interface: `/openapi.json`.
///
/// Made from the table of routes, and from what ``Operation`` says of each. Whoever adds a route
/// writes one row, one description and one handler.
///
/// Source: OpenAPI Specification 3.1.1.
package enum OpenAPI {
  /// The document, as it is served.
  package static let document: [UInt8] = JSONText.object([
    JSONText.Member("openapi", "3.1.0"), JSONText.Member("info", info),
    JSONText.Member("servers", [["url": "/", "description": "This ledger."]]),
    JSONText.Member("tags", .array(Tag.allCases.map(\.json))),
    JSONText.Member("paths", .object(paths(of: Routes.all))),
    JSONText.Member("components", components),
  ]).bytes

  private static let info: JSONText = [
    "title": "Cohort Ledger",
    "version": "1",
    "summary": "Takes the cohorts that partners push, and remembers everything.",
    "description": .string(
      "Partners push cohorts with the keys in the body; everything else needs a REST key. "
        + "Every write answers its position in the log, every read the moment it shows. Lists come "
        + "in pages, or whole with `Accept: application/x-ndjson`. What answers GET answers HEAD."),
  ]

  /// One object for each path, with one member for each of its methods.
  private static func paths(of routes: [Route]) -> [JSONText.Member] {
    var patterns: [String] = []
    for route in routes where !patterns.contains(route.pattern) { patterns.append(route.pattern) }
    return patterns.map { pattern in
      let methods = routes.filter { $0.pattern == pattern }
      return JSONText.Member(
        pattern,
        .object(methods.map { JSONText.Member($0.method.rawValue.lowercased(), $0.described) }))
    }
  }

  // MARK: What is shared

  private static let components: JSONText = [
    "securitySchemes": [
      "restKey": [
        "type": "http", "scheme": "bearer",
        "description": "A REST key. The permission that a route needs stands beside it.",
      ],
      "session": [
        "type": "apiKey", "in": "cookie", "name": "cohort_session_{ledger}_{port}",
        "description": .string(
          "The console's session, with the permissions of what somebody has signed in with. Its "
            + "name has the first eight digits of the ledger's id, and the port if the address "
            + "has one. All but GET and HEAD need `Cohort-Console: 1` with it. "
            + "`Authorization` weighs more."),
      ],
    ],
    "schemas": .object(SchemaName.allCases.map { JSONText.Member($0.rawValue, $0.schema.json) }),
    "responses": .object(Failure.allCases.map { JSONText.Member($0.rawValue, $0.response) }),
    "headers": .object(AnswerField.allCases.map { JSONText.Member($0.rawValue, $0.described) }),
  ]
}

/// Under what a route is listed.
private enum Tag: String, CaseIterable {
  case partners = "Partners"
  case users = "Users"
  case segments = "Segments"
  case campaigns = "Campaigns and Canvases"
  case ledger = "Ledger"
  case house = "House"
  case console = "Console"

  init(_ route: Route) {
    switch route.pattern.split(separator: "/").first {
    case "partners": self = .partners
    case "users": self = .users
    case "segments": self = .segments
    case "campaigns", "canvas", "audiences": self = .campaigns
    case "ledger": self = .ledger
    case nil, "console", "session": self = .console
    default: self = .house
    }
  }

  var json: JSONText { ["name": .string(rawValue), "description": .string(detail)] }

  private var detail: String {
    switch self {
    case .partners: "Where partners push cohorts."
    case .users: "Who there is, and by which identifiers."
    case .segments: "Saved filters over cohorts."
    case .campaigns: "What is sent to an audience, and whom it went to."
    case .ledger: "Everything that was recorded, as of any moment."
    case .house: "How the server is."
    case .console: "The pages for people, and who is signed in to them."
    }
  }
}

extension Route {
  /// The Operation Object of a route.
  fileprivate var described: JSONText {
    let operation = kind.operation
    var members = [
      JSONText.Member("operationId", .string("\(kind)")),
      JSONText.Member("tags", [.string(Tag(self).rawValue)]),
      JSONText.Member("summary", .string(operation.summary)),
    ]
    if !operation.detail.isEmpty {
      members.append(JSONText.Member("description", .string(operation.detail)))
    }
    members.append(JSONText.Member("security", security))
    let parameters = parameters(operation)
    if !parameters.isEmpty { members.append(JSONText.Member("parameters", .array(parameters))) }
    if let body = operation.body { members.append(JSONText.Member("requestBody", body.json)) }
    members.append(JSONText.Member("responses", .object(responses(operation))))
    return .object(members)
  }

  /// None for part 1, whose keys stand in the body.
  private var security: JSONText {
    let needs: [JSONText]
    switch (permission, kind) {
    case (let permission?, _):
      needs = [permission, alternative].compactMap { $0 }.map { [.string($0.name)] }
    case (nil, .session): needs = [[]]
    case (nil, _): return []
    }
    return .array(needs.flatMap { [["restKey": $0], ["session": $0]] as [JSONText] })
  }

  private func parameters(_ operation: Operation) -> [JSONText] {
    let inPath = pathParameters.map {
      Self.parameter($0.name, in: "path", isRequired: true, $0.detail, $0.schema)
    }
    let required = kind.requiredParameters
    let inQuery = kind.parameters.map {
      Self.parameter(
        $0.rawValue, in: "query", isRequired: required.contains($0), $0.sentence, $0.schema)
    }
    let inHead = operation.fields.map {
      Self.parameter(
        $0.rawValue, in: "header",
        isRequired: $0 == .idempotencyKey && kind.needsIdempotencyKey, $0.detail, $0.schema)
    }
    return inPath + inQuery + inHead
  }

  private static func parameter(
    _ name: String, in place: String, isRequired: Bool, _ detail: String, _ schema: Schema
  ) -> JSONText {
    [
      "name": .string(name), "in": .string(place), "required": .bool(isRequired),
      "description": .string(detail), "schema": schema.json,
    ]
  }

  private func responses(_ operation: Operation) -> [JSONText.Member] {
    operation.answers.map { JSONText.Member("\($0.status)", $0.json) }
      + failures(operation.failures).map {
        JSONText.Member("\($0.status)", ["$ref": .string("#/components/responses/\($0.rawValue)")])
      }
  }
}
