import CohortModel
import CohortWire
import Testing

@Suite struct `Bodies that only ask` {
  private func export(_ body: String) -> Result<[UserName], WireError> {
    Result { () throws(WireError) in
      try ExportUsers(body: JSONValue(body: Array(body.utf8))).names
    }
  }

  @Test func `export users by every name`() throws {
    let alias = "{\"alias_name\":\"n\",\"alias_label\":\"l\"}"
    #expect(
      try export(
        "{\"external_ids\":[\"a\"],\"user_aliases\":[\(alias)],\"fields_to_export\":[\"x\"]}"
      ).get()
        == [.externalID("a"), .alias(label: "l", name: "n")])
    #expect(try export("{\"device_id\":\"d\"}").get() == [.device("d")])
    for (body, message) in [
      ("{}", "No user is named. Send 'external_ids', 'user_aliases' or one 'device_id'."),
      (
        "{\"external_ids\":[]}",
        "No user is named. Send 'external_ids', 'user_aliases' or one 'device_id'."
      ),
      ("{\"external_ids\":\"a\"}", "'external_ids' must be an array of strings"),
      ("{\"external_ids\":[7]}", "'external_ids' must be an array of strings"),
      ("{\"user_aliases\":\(alias)}", "'user_aliases' must be an array of objects"),
      ("{\"user_aliases\":[{}]}", "'user_aliases' must be an array of objects"),
      ("{\"device_id\":[\"d\"]}", "'device_id' is not a string. Send a string there."),
      (
        "{\"external_ids\":\(list(50) { "\"\($0)\"" }),\"device_id\":\"d\"}",
        "The max number of external_ids and aliases per request was exceeded"
      ),
    ] {
      guard case .failure(let error) = export(body) else {
        Issue.record("\(body)")
        continue
      }
      #expect(error.status == 400 && error.message == message)
    }
    #expect(try export("{\"external_ids\":\(list(50) { "\"\($0)\"" })}").get().count == 50)
  }

  @Test func `preview a filter`() throws {
    let preview = try PreviewSegment(
      body: JSONValue(body: Array("{\"filter\":{\"segment\":\"s\"},\"as_of\":41}".utf8)))
    #expect(preview.filter == .segment("s") && preview.asOf == .position(Position(41)))
    for body in [
      "{}", "{\"filter\":7}", "{\"filter\":{\"segment\":\"s\"},\"at\":1}",
      "{\"filter\":{\"segment\":\"s\"},\"as_of\":[]}",
    ] {
      let error = #expect(throws: WireError.self) {
        try PreviewSegment(body: JSONValue(body: Array(body.utf8)))
      }
      #expect(error?.hasTwoSentences == true)
    }
  }
}
