import Testing

@testable import cohort

@Suite struct ArgumentsTests {
  @Test func `an unknown command suggests the nearest one`() {
    let failure = #expect(throws: Failure.self) {
      try Arguments(["membres", "hightouch/vip"], in: CommandTable.all)
    }
    #expect(failure?.message == "There is no command 'membres'. Did you mean 'members'?")
  }
}
