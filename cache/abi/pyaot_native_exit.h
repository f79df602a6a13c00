/* States at exits: cells of frames and exit records, and their writing.  Part of
 * pyaot_native.h. */
#ifndef PYAOT_NATIVE_EXIT_H
#define PYAOT_NATIVE_EXIT_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

/* One cell of a frame or exit record to be written, or one reference to be
 * given back.  Values come in order from an array of 64-bit words. */
typedef enum {
    PYAOT_CELL_END = 0,
    PYAOT_CELL_OBJ,     /* object or NULL: a new reference */
    PYAOT_CELL_I64,     /* boxed */
    PYAOT_CELL_F64,
    PYAOT_CELL_BOOL,
    PYAOT_CELL_NULL,    /* no word */
    PYAOT_CELL_CONST,   /* no word; aux: index into co_consts */
    PYAOT_CELL_DUP,     /* no word; aux: the cell that holds the same number */
    PYAOT_CELL_DYN,     /* tag, bits; tag 0: left alone (framed) or NULL */
    PYAOT_CELL_RANGE,   /* next, step, remaining */
    PYAOT_CELL_LISTIT,  /* list, index */
    PYAOT_CELL_TUPIT,   /* tuple, index */
    PYAOT_CELL_STRIT,   /* str, index */
    PYAOT_CELL_ENUM,    /* list or tuple, index, number minus index */
    PYAOT_CELL_COMPLEX, /* real, imaginary part */
    PYAOT_CELL_ZIP,     /* list or tuple, index, another */
    PYAOT_CELL_TAKE,    /* object whose reference is handed over */
    PYAOT_CELL_RELEASE, /* object or NULL whose reference is given back; no cell */
    PYAOT_CELL_RELEASE_LATER, /* the same, once the frames are there; aux: unit of the instruction that does it */
} PyaotCellKind;

typedef struct {
    uint8_t kind;
    uint8_t flags;  /* 1: a live local, release what it holds; 2: parameter aux */
    uint16_t cell;
    uint32_t aux;
} PyaotCell;

static COLD void
pyaot_write(PyaotThread *th, PyaotInst *in, PyObject **cells, const PyaotCell *d,
            const uint64_t *x)
{
    for (; d->kind != PYAOT_CELL_END; d++) {
        PyObject *v = NULL, *none = NULL, **old = d->flags & 1 ? &cells[d->cell] : &none;
        switch ((PyaotCellKind)d->kind) {
        case PYAOT_CELL_OBJ:
            v = Py_XNewRef((PyObject *)*x++);
            break;
        case PYAOT_CELL_I64:
            if (pyaot_overwrite_i(old, (int64_t)*x)) {
                x++;
                continue;
            }
            v = pyaot_box_i((int64_t)*x++);
            break;
        case PYAOT_CELL_F64:
            if (pyaot_overwrite_f(old, pyaot_f64(*x))) {
                x++;
                continue;
            }
            v = pyaot_box_f(pyaot_f64(*x++));
            break;
        case PYAOT_CELL_BOOL:
            v = pyaot_box_b((int)*x++);
            break;
        case PYAOT_CELL_NULL: case PYAOT_CELL_END:
            break;
        case PYAOT_CELL_CONST:
            v = Py_NewRef(in->consts[d->aux]);
            break;
        case PYAOT_CELL_DUP:
            v = Py_XNewRef(cells[d->aux]);
            break;
        case PYAOT_CELL_DYN:
            if (pyaot_overwrite_dyn(old, (int64_t)x[0], (int64_t)x[1])) {
                x += 2;
                continue;
            }
            v = pyaot_box_dyn((int64_t)x[0], (int64_t)x[1]);
            x += 2;
            if (v == NULL && (d->flags & 1)) {
                continue;
            }
            break;
        case PYAOT_CELL_RANGE:
            v = pyaot_must(th->rt->range_iter_make((int64_t)x[0], (int64_t)x[1], (int64_t)x[2]));
            x += 3;
            break;
        case PYAOT_CELL_LISTIT:
            v = pyaot_must(th->rt->list_iter_make((PyObject *)x[0], (int64_t)x[1]));
            x += 2;
            break;
        case PYAOT_CELL_TUPIT:
            v = pyaot_must(th->rt->tuple_iter_make((PyObject *)x[0], (int64_t)x[1]));
            x += 2;
            break;
        case PYAOT_CELL_COMPLEX:
            v = pyaot_must(PyComplex_FromDoubles(pyaot_f64(x[0]), pyaot_f64(x[1])));
            x += 2;
            break;
        case PYAOT_CELL_STRIT:
            v = pyaot_must(th->rt->str_iter_make((PyObject *)x[0], (int64_t)x[1]));
            x += 2;
            break;
        case PYAOT_CELL_ENUM:
            v = pyaot_must(th->rt->enum_iter_make((PyObject *)x[0], (int64_t)x[1],
                                                  (int64_t)x[2]));
            x += 3;
            break;
        case PYAOT_CELL_ZIP:
            v = pyaot_must(th->rt->zip_iter_make((PyObject *)x[0], (int64_t)x[1],
                                                 (PyObject *)x[2]));
            x += 3;
            break;
        case PYAOT_CELL_TAKE:
            v = (PyObject *)*x++;
            break;
        case PYAOT_CELL_RELEASE:
            Py_XDECREF((PyObject *)*x++);
            continue;
        case PYAOT_CELL_RELEASE_LATER:
            th->rt->release_later(th, (PyObject *)*x++, d->aux);
            continue;
        }
        if (d->flags & 1) {
            pyaot_set(&cells[d->cell], v);
        }
        else {
            cells[d->cell] = v;
        }
        if (d->flags & 2) {
            th->rt->deopt_mark(th, d->cell, d->aux);
        }
        else if (d->kind == PYAOT_CELL_DUP) {
            th->rt->deopt_mark_twin(th, cells, d->cell, d->aux);
        }
    }
}

#endif
