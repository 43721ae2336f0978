# Runs Python's own tests of the modules that are named, and prints what became of each: "## module.Class.test outcome". Classes of VSOCK are left out: they
# need a hypervisor that answers.
import importlib, os, sys, unittest


class Outcomes(unittest.TestResult):
    def tell(self, test, outcome): print('##', test.id(), outcome, file=out, flush=True)
    def addSuccess(self, test): self.tell(test, 'ok')
    def addSkip(self, test, reason): self.tell(test, 'skipped')
    def addExpectedFailure(self, test, error): self.tell(test, 'failed as expected')
    def addUnexpectedSuccess(self, test): self.tell(test, 'did not fail')
    def addFailure(self, test, error): self.trouble(test, 'FAIL', error)
    def addError(self, test, error): self.trouble(test, 'ERROR', error)

    def trouble(self, test, outcome, error):
        self.tell(test, outcome)
        sys.stderr.write(f'{test.id()}\n{self._exc_info_to_string(error, test)}\n')


def flat(suite):
    for test in suite:
        yield from flat(test) if isinstance(test, unittest.TestSuite) else [test]


out = os.fdopen(os.dup(1), 'w')
for name in sys.argv[1:]:
    module = importlib.import_module(f'test.{name}')
    tests = [test for test in flat(unittest.defaultTestLoader.loadTestsFromModule(module)) if 'VSOCK' not in type(test).__name__]
    unittest.TestSuite(tests).run(Outcomes())
