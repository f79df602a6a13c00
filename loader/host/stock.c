/* The fixed stock of gates: which code object has which, and so which
 * vectorcall its functions are to have.  When it is used up the others share
 * one vectorcall that looks for the gate.  The vectorcalls themselves are in
 * gate.c. */
#include "loader/host/host_int.h"

HostGate stock_gates[HOST_N_GATES];

static uint32_t n_taken;     /* gates that were ever taken */
static HostGate *given_back; /* linked by next */

static void
take_gate(HostCode *hc)
{
    HostGate *gate = given_back;
    if (gate != NULL) {
        given_back = gate->next;
    }
    else if (n_taken < HOST_N_GATES) {
        gate = &stock_gates[n_taken++];
    }
    else {
        gate = &hc->own_gate;
    }
    hc->gate = gate;
    hc->vectorcall = gate == &hc->own_gate
                         ? host.calls->shared_gate
                         : host.calls->gates[gate - stock_gates];
}

void
stock_set(HostCode *hc, HostLink *link)
{
    if (hc->gate == NULL) {
        take_gate(hc);
    }
    hc->entry = link;
    hc->gate->link = link;
    hc->gate->code = link != NULL ? hc->code : NULL;
}

void
stock_give_back(HostCode *hc)
{
    if (hc->gate != NULL && hc->gate != &hc->own_gate) {
        hc->gate->code = NULL;
        hc->gate->next = given_back;
        given_back = hc->gate;
    }
}

bool
stock_is_ours(const PyFunctionObject *func)
{
    vectorcallfunc vectorcall = func->vectorcall;
    if (vectorcall == host.plain_vectorcall) {
        return false;
    }
    const HostCode *hc = host_code(func->func_code);
    if (vectorcall == host.calls->shared_gate
        || (hc != NULL && vectorcall == hc->vectorcall)) {
        return true;
    }
    for (uint32_t i = 0; i < n_taken; i++) {
        if (vectorcall == host.calls->gates[i]) {
            return true;
        }
    }
    return false;
}
