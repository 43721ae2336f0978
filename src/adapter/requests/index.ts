// The registry of requests: every file of this folder, one line each; a test compares the two.
import { registered } from '../capabilities';
import type { RequestDeclaration } from '../request';
import breakpointLocationsRequest from './breakpointLocations';
import configurationDoneRequest from './configurationDone';
import continueRequest from './continue';
import dataBreakpointInfoRequest from './dataBreakpointInfo';
import disassembleRequest from './disassemble';
import disconnectRequest from './disconnect';
import evaluateRequest from './evaluate';
import exceptionInfoRequest from './exceptionInfo';
import initializeRequest from './initialize';
import launchRequest from './launch';
import loadedSourcesRequest from './loadedSources';
import modulesRequest from './modules';
import nextRequest from './next';
import pauseRequest from './pause';
import readMemoryRequest from './readMemory';
import restartRequest from './restart';
import ringsideAnswerPastEditRequest from './ringsideAnswerPastEdit';
import ringsideClientRequest from './ringsideClient';
import ringsideGoBackRequest from './ringsideGoBack';
import ringsideInputRequest from './ringsideInput';
import ringsideKernelRequest from './ringsideKernel';
import ringsideReadFileRequest from './ringsideReadFile';
import ringsideTimingRequest from './ringsideTiming';
import ringsideTraceLogRequest from './ringsideTraceLog';
import ringsideWhyRequest from './ringsideWhy';
import scopesRequest from './scopes';
import setBreakpointsRequest from './setBreakpoints';
import setDataBreakpointsRequest from './setDataBreakpoints';
import setExceptionBreakpointsRequest from './setExceptionBreakpoints';
import setExpressionRequest from './setExpression';
import setFunctionBreakpointsRequest from './setFunctionBreakpoints';
import setInstructionBreakpointsRequest from './setInstructionBreakpoints';
import setVariableRequest from './setVariable';
import sourceRequest from './source';
import stackTraceRequest from './stackTrace';
import reverseContinueRequest from './reverseContinue';
import ringsideGoToRequest from './ringsideGoTo';
import restartFrameRequest from './restartFrame';
import stepBackRequest from './stepBack';
import stepInRequest from './stepIn';
import stepInTargetsRequest from './stepInTargets';
import stepOutRequest from './stepOut';
import terminateRequest from './terminate';
import threadsRequest from './threads';
import variablesRequest from './variables';
import writeMemoryRequest from './writeMemory';

const all: readonly RequestDeclaration[] = [
  breakpointLocationsRequest, configurationDoneRequest, continueRequest, dataBreakpointInfoRequest, disassembleRequest, disconnectRequest,
  evaluateRequest, exceptionInfoRequest, initializeRequest, launchRequest, loadedSourcesRequest, modulesRequest, nextRequest, pauseRequest,
  readMemoryRequest, restartRequest, ringsideAnswerPastEditRequest, ringsideClientRequest, ringsideGoBackRequest, ringsideInputRequest, ringsideKernelRequest, ringsideReadFileRequest, ringsideTimingRequest, ringsideTraceLogRequest, ringsideWhyRequest, scopesRequest, setBreakpointsRequest,
  setDataBreakpointsRequest, setExceptionBreakpointsRequest, setExpressionRequest, setFunctionBreakpointsRequest, setInstructionBreakpointsRequest, setVariableRequest,
  restartFrameRequest, reverseContinueRequest, ringsideGoToRequest, stepBackRequest,
  sourceRequest, stackTraceRequest, stepInRequest, stepInTargetsRequest, stepOutRequest, terminateRequest, threadsRequest, variablesRequest, writeMemoryRequest,
];

all.forEach(declaration => registered.set(declaration.command, declaration));

/** By command. */
export const requests: ReadonlyMap<string, RequestDeclaration> = registered;
